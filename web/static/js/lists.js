// Lists: empty filters stay out of the address.

document.addEventListener("htmx:configRequest", (event) => {
  const { parameters, verb, elt } = event.detail;
  if (verb !== "get" || elt.id !== "filters") return;
  for (const [name, value] of [...parameters.entries()]) {
    if (value === "") parameters.delete(name);
  }
});
