// The sign-in page: show the password, and fill in an account of the demo chain.

const email = document.getElementById("email");
const password = document.getElementById("password");

document.addEventListener("click", (event) => {
  const eye = event.target.closest("[data-reveals]");
  if (eye) reveal(eye, password.type === "password");
  const account = event.target.closest("[data-email]");
  if (account) fill(account);
});

function reveal(eye, shown) {
  password.type = shown ? "text" : "password";
  eye.setAttribute("aria-pressed", String(shown));
  eye.setAttribute("aria-label", shown ? "Hide the password" : "Show the password");
}

function fill(account) {
  email.value = account.dataset.email;
  password.value = account.dataset.password;
  for (const each of document.querySelectorAll("[data-email]")) {
    each.setAttribute("aria-pressed", String(each === account));
  }
  document.querySelector(".panel-in .primary").focus();
}
