(() => {
  const [WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM] = [640, 380, 66, 14, 46];
  const COLORS = ["#0072B2", "#C85300", "#008F68", "#A8487F", "#8C613C", "#595959", "#B87800", "#2E8BC0"];
  const make = (parent, tag, text = "", attributes = {}) => {
    const made = document.createElementNS(`http://www.w3.org/${/^(svg|g|path|text|circle)$/.test(tag) ? "2000/svg" : "1999/xhtml"}`, tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    made.textContent = text;
    parent.append(made);
    return made;
  };
  const words = (value) => (value % 1 ? `${+value.toPrecision(3)}` : value.toLocaleString("en")).replace("-", "−");

  // From numbers to places along one side, with ticks; logarithmic where numbers ask for it, unless the smallest are as good as zero.
  const axis = (values, from, to) => {
    const low = Math.min(...values), high = Math.max(...values), log = high > 20 * low && high < 1e6 * low;
    const f = log ? Math.log10 : Number;
    const room = 0.05 * (f(high) - f(low)) || 1;
    const [a, b] = [f(low) - room, f(high) + room], raw = (b - a) / 5, power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 5, 10].find((m) => m * power >= raw);
    let ticks = [...new Set(values)];
    if (ticks.length > 7 || ticks.some((tick) => tick % 1)) {
      ticks = [];
      if (log) for (let k = Math.floor(a); k <= b; k++) ticks.push(...(b - a < 2 ? [1, 2, 5] : [1]).map((m) => m * 10 ** k));
      else for (let k = Math.ceil(a / step); k * step <= b; k++) ticks.push(+(k * step).toPrecision(6));
    }
    const place = (value) => +(from + ((to - from) * (f(value) - a)) / (b - a)).toFixed(1);
    return { place, ticks: ticks.filter((tick) => f(tick) >= a - 1e-9 && f(tick) <= b + 1e-9) };
  };

  const build = (box) => {
    const data = JSON.parse(box.querySelector("script").textContent), every = [...new Set(data.curves.map(({ name }) => name))];
    const form = make(box, "form"), svg = make(box, "svg", "", { viewBox: "0 0 640 380", role: "img" });
    const said = make(box, "output"), names = make(box, "ul");
    // A select, or where there is much to choose from a slider; what is chosen stands beneath the axis.
    const choice = (label, values) => {
      const place = make(form, "label", label + " ");
      if (values.length > 12) return make(place, "input", "", { type: "range", max: values.length - 1, value: 0 });
      const select = make(place, "select");
      values.forEach((value, at) => make(select, "option", value, { value: at }));
      return select;
    };
    const chosen = data.choose.map((one) => choice(...one));
    const base = data.relative ? choice("divided by", ["nothing", ...every]) : {};
    let shown, focus, at, x, y;

    const light = (which, point) => {
      [focus, at] = [which, point];
      const curve = shown[focus];
      svg.querySelectorAll("g").forEach((group, k) => group.setAttribute("class", !curve ? "" : k === focus ? "lit" : "dim"));
      names.querySelectorAll("button").forEach((button, k) => button.classList.toggle("lit", k === focus));
      svg.querySelector("circle")?.remove();
      said.textContent = "Point at a curve, or use arrow keys on its name.";
      if (!curve) return;
      const [px, py, low, high] = curve.points[at];
      make(svg, "circle", "", { cx: x.place(px), cy: y.place(py), r: 4.5 });
      said.textContent = `${curve.name} at ${data.x} ${words(px)}: ${words(py)}${data.spread ? ` (${data.spread} ${words(low)} to ${words(high)})` : ""}`;
    };

    const draw = () => {
      const here = data.curves.filter((curve) => chosen.every((input, k) => curve.of[k] === +input.value));
      const name = every[base.value - 1], under = new Map(here.find((curve) => curve.name === name)?.points);
      const over = ([px, ...values]) => [px, ...values.map((value) => (name ? value / under.get(px) : value))];
      shown = here.map((curve) => ({ ...curve, points: curve.points.filter(([px]) => !name || under.has(px)).map(over) })).filter((curve) => curve.points[0]);
      svg.replaceChildren();
      names.replaceChildren();
      // Axes that stand still beneath a slider.
      const points = (chosen.some((input) => input.max) ? data.curves : shown).flatMap((curve) => curve.points), title = name ? `${data.y} / that of ${name}` : data.y;
      x = axis(points.map(([px]) => px), LEFT, WIDTH - RIGHT);
      y = axis(points.flatMap(([, ...values]) => values), HEIGHT - BOTTOM, 12);
      svg.setAttribute("aria-label", `${title} against ${data.x}`);
      for (const tick of x.ticks) make(svg, "text", words(tick), { x: x.place(tick), y: HEIGHT - BOTTOM + 18 });
      for (const tick of y.ticks) {
        make(svg, "path", "", { class: "grid", d: `M${LEFT} ${y.place(tick)}H${WIDTH - RIGHT}` });
        make(svg, "text", words(tick), { class: "tick", x: LEFT - 6, y: y.place(tick) + 4 });
      }
      const told = data.choose.map(([label, values], k) => `, ${label} ${values[chosen[k].value]}`).join("");
      make(svg, "text", data.x + told, { x: (LEFT + WIDTH) / 2, y: HEIGHT - 8 });
      make(svg, "text", title, { transform: `translate(14 ${(HEIGHT - BOTTOM) / 2}) rotate(-90)` });
      shown.forEach((curve, k) => {
        const rank = every.indexOf(curve.name), stroke = COLORS[rank % 8], dashed = { "stroke-dasharray": rank < 8 ? "" : "7 3" };
        const group = make(svg, "g", "", { stroke, fill: stroke });
        const { points } = curve, last = points.length - 1;
        const line = (list, at) => list.map((point) => `${x.place(point[0])} ${y.place(point[at])}`).join("L");
        if (data.spread) make(group, "path", "", { class: "band", d: `M${line(points, 3)}L${line([...points].reverse(), 2)}Z` });
        make(group, "path", "", { d: `M${line(points, 1)}`, fill: "none", ...dashed });
        const button = make(make(names, "li"), "button");
        make(make(button, "svg", "", { width: 26, height: 8, "aria-hidden": true }), "path", "", { d: "M0 4H26", stroke, ...dashed });
        button.append(curve.name);
        button.onfocus = button.onpointerenter = () => light(k, last);
        button.onkeydown = ({ key }) => light(k, Math.min(last, Math.max(0, at + (key === "ArrowRight") - (key === "ArrowLeft"))));
      });
      light(-1);
    };

    svg.onpointermove = svg.onpointerdown = ({ clientX, clientY }) => {
      const { left, top, width } = svg.getBoundingClientRect();
      let near = 30, found = [-1], scale = WIDTH / width;
      shown.forEach((curve, k) => curve.points.forEach(([px, py], j) => {
        const far = Math.hypot(x.place(px) - (clientX - left) * scale, y.place(py) - (clientY - top) * scale);
        if (far < near) [near, found] = [far, [k, j]];
      }));
      light(...found);
    };
    form.oninput = draw;
    draw();
  };

  for (const box of document.querySelectorAll("details.explore")) {
    box.hidden = false;
    box.addEventListener("toggle", () => build(box), { once: true });
  }
})();
