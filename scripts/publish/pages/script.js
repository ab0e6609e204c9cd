(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const state = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");

  // Search and chips: what is asked for stands in the address.
  const forms = all("form.filter").map((form) => {
    const items = all(form.dataset.of);
    const titles = (item) => all("[title]", item).map((element) => element.title);
    const words = new Map(items.map((item) => [item, [item.textContent, ...titles(item)].join(" ").toLowerCase()]));
    const apply = () => {
      const asked = new FormData(form);
      const names = [...new Set(asked.keys())].filter((name) => name !== "q");
      const terms = asked.get("q").toLowerCase().split(/\s+/).filter(Boolean);
      const shown = items.filter((item) => {
        const fits = (name) => asked.getAll(name).some((value) => (item.dataset[name] || "").split(" ").includes(value));
        return !(item.hidden = !(names.every(fits) && terms.every((term) => words.get(item).includes(term))));
      });
      form.querySelector("output").textContent = `${shown.length} of ${items.length} ${form.dataset.what}`;
    };
    const read = () => {
      const asked = state();
      const meant = asked.get("page") || form.name;
      if (meant === form.name) for (const input of form.elements) {
        if (input.type === "checkbox") input.checked = asked.getAll(input.name).includes(input.value);
        if (input.type === "search") input.value = asked.get("q") || "";
      }
      apply();
    };
    const write = () => {
      const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
      history.replaceState(null, "", asked.size ? "#" + asked : location.pathname + location.search);
      apply();
    };
    form.addEventListener("input", write);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") { form.reset(); write(); } });
    form.hidden = false;
    return read;
  });

  // Sorting by a column, by numbers where there are such.
  for (const table of all("table.sortable")) {
    const value = (row, at) => row.cells[at].dataset.v ?? row.cells[at].textContent.trim();
    all("thead th", table).forEach((head, at) => {
      const button = document.createElement("button");
      button.append(...head.childNodes);
      head.append(button);
      button.onclick = () => {
        const up = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        const key = (row) => parseFloat(value(row, at).replace(/−/g, "-").replace(/[≤≥<>=\s]|ratio|difference/g, ""));
        const order = (a, b) => {
          const [x, y] = [key(a), key(b)];
          return isNaN(x) !== isNaN(y) ? isNaN(x) - isNaN(y) : up * (isNaN(x) ? value(a, at).localeCompare(value(b, at)) : x - y);
        };
        all("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up === 1 ? "ascending" : "descending");
        table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
      };
    });
  }

  // Copying what stands before a button.
  for (const button of all(".copy button, .bibtex button")) {
    button.hidden = false;
    button.onclick = async () => {
      const source = button.previousElementSibling;
      try { await navigator.clipboard.writeText(source.textContent); button.textContent = "copied"; } catch { getSelection().selectAllChildren(source); button.textContent = "selected"; }
      setTimeout(() => { button.textContent = "copy"; }, 2000);
    };
  }

  // A figure in large: its SVG in a window that scrolls, or is dragged.
  const links = all("a.zoom");
  if (links.length) {
    const dialog = document.createElement("dialog");
    dialog.innerHTML = '<form method="dialog"><b></b><button type="button" value="0.8" aria-label="smaller">−</button><button type="button" value="1.25" aria-label="larger">+</button><button>close</button></form><div tabindex="0" role="region" aria-label="Figure"><img alt=""></div>';
    document.body.append(dialog);
    const [image, pane, name] = ["img", "div", "b"].map((tag) => dialog.querySelector(tag));
    let size = 1;
    const zoom = (by) => { size = Math.min(6, Math.max(0.5, size * by)); image.style.width = `${100 * size}%`; };
    all("button[value]", dialog).forEach((button) => { button.onclick = () => zoom(+button.value); });
    pane.onpointermove = (event) => { if (event.buttons && event.pointerType === "mouse") pane.scrollBy(-event.movementX, -event.movementY); };
    image.ondragstart = () => false;
    for (const link of links) link.onclick = (event) => {
      const small = link.querySelector("img");
      event.preventDefault();
      image.src = link.href.endsWith(".svg") ? link.href : small.src;
      image.alt = small.alt;
      name.textContent = link.closest("figure").querySelector("h3").textContent;
      size = 1; zoom(innerWidth < 800 ? 2 : 1);
      dialog.showModal();
    };
  }

  // What an address points at is opened; contents fold on small screens.
  const follow = () => {
    forms.forEach((read) => read());
    const target = document.getElementById(state().get("page") || decodeURIComponent(location.hash.slice(1)));
    for (let element = target; element; element = element.parentElement) if (element.tagName === "DETAILS") element.open = true;
    target?.scrollIntoView();
  };
  if (innerWidth < 1100) all("details.contents").forEach((contents) => { contents.open = false; });
  addEventListener("hashchange", follow);
  follow();
})();
