import { SignInFailed } from "./client/index.js";
import { element } from "./dom.js";
import { isUnreached } from "./live.js";

const form = element<HTMLFormElement>("sign-in-form");
const name = element<HTMLInputElement>("name");
const password = element<HTMLInputElement>("password");
const problem = element("sign-in-problem");
const button = form.querySelector<HTMLButtonElement>("button[type=submit]")!;

/** Sets up the form: `signIn` is called with what was typed, and what it throws is shown. */
export function setUpGate(signIn: (name: string, password: string) => Promise<void>): void {
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    if (!name.value.trim()) return tell("A name is needed.", name);
    if (!password.value) return tell("A password is needed.", password);
    tell();
    button.disabled = true;
    button.textContent = "Signing in…";
    try {
      await signIn(name.value, password.value);
      password.value = "";
    } catch (error) {
      if (error instanceof SignInFailed) tell(error.message, error.reason === "name" ? name : password);
      else if (isUnreached(error)) tell("The server cannot be reached. Try again in a moment.");
      else tell("That did not work, and not because of you. Try again in a moment.");
    } finally {
      button.disabled = false;
      button.textContent = "Sign in";
    }
  };
  for (const field of [name, password]) field.oninput = () => field.removeAttribute("aria-invalid");
}

/** Shows the form, for somebody whose name is known or not. */
export function showGate(known = ""): void {
  tell();
  if (known) name.value = known;
  document.documentElement.dataset.view = "sign-in";
  (known ? password : name).focus();
}

function tell(text?: string, field?: HTMLInputElement): void {
  problem.hidden = text === undefined;
  problem.textContent = text ?? "";
  for (const each of [name, password]) each.toggleAttribute("aria-invalid", each === field);
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}
