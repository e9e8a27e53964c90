// A page that is meant for paper too has a button that prints it.

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-prints]")) window.print();
});
