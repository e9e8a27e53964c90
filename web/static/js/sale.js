// The sale's form: a chosen offer fills in the price and the payment, and the rest to pay is always told.

const form = document.querySelector("[data-sale]");
if (form) {
  const price = form.elements.price;
  const first = form.elements["amount-0"];
  const second = form.elements["amount-1"];
  let filled = first.value === price.value;

  form.addEventListener("change", (event) => {
    if (event.target.name === "sessions" && event.target.dataset.price) price.value = event.target.dataset.price;
    tell();
  });
  form.addEventListener("input", (event) => {
    if (event.target === first) filled = false;
    tell();
  });

  // As long as nobody typed into it, the first payment is what the others leave.
  function tell() {
    const asked = minor(price.value);
    if (asked !== null && filled) first.value = shown(Math.max(asked - (minor(second.value) ?? 0), 0));
    const still = asked === null ? null : asked - (minor(first.value) ?? 0) - (minor(second.value) ?? 0);
    tellRest(still);
    tellUnusual(asked);
    document.getElementById("sell-text").textContent = asked ? `Sell for ${dollars(asked)}` : "Sell package";
  }

  function tellRest(still) {
    const out = document.getElementById("still");
    out.textContent = still === null ? "–" : still < 0 ? `${dollars(-still)} too much` : dollars(still);
    out.className = still === null ? "" : still === 0 ? "settled" : "off";
  }

  // Shown once is asked once: the form then says which price the question was about (CL-96).
  function tellUnusual(asked) {
    const sessions = Number(form.elements.sessions.value);
    const box = document.getElementById("unusual");
    const each = asked && sessions ? asked / sessions : null;
    box.hidden = each === null || (each >= Number(form.dataset.low) && each <= Number(form.dataset.high));
    if (box.hidden) return;
    document.getElementById("unusual-each").textContent = `Here it is ${dollars(Math.floor(each))}.`;
    form.elements.seen_unusual.value = `${sessions}:${asked}`;
  }

  tell();
}

function minor(text) {
  const bare = text.replace(/[$,\s]/g, "");
  return /^\d+(\.\d{1,2})?$/.test(bare) ? Math.round(Number(bare) * 100) : null;
}

function shown(amount) {
  return (amount / 100).toFixed(2);
}

function dollars(amount) {
  return (amount / 100).toLocaleString("en-US", { style: "currency", currency: "USD" });
}
