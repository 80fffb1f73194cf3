import { showCommands } from "./commands.js";
import { prepareCopyButton } from "./copy.js";
import { prepareForm } from "./try-it.js";

/** A link to what is folded up unfolds it. */
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

for (const form of document.querySelectorAll("form")) prepareForm(form);
for (const button of document.querySelectorAll("button")) if (button.dataset["copies"]) prepareCopyButton(button);
document.getElementById("credentials")?.removeAttribute("hidden");
document.addEventListener("input", showCommands);
showCommands();
addEventListener("hashchange", openTarget);
openTarget();
