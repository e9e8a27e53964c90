// Pages of single things: after a visit was booked from here, the page shows it.

document.addEventListener("visit:saved", () => {
  htmx.ajax("GET", location.href, { target: "#fresh", select: "#fresh", swap: "outerHTML" });
});
