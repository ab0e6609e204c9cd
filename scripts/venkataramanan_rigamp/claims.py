"""What the claims measure in the tables [venkataramanan_rigamp]; bounds and wording stand in the paper's yaml."""
