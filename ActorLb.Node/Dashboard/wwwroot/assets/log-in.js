// The token goes to the node once, in a header, and is kept nowhere: the node gives a cookie that no script sees, and the half that only this page has.
import { ask } from "./api.js";
import { el, say } from "./dom.js";
import { keepHalf } from "./half.js";

/** @param isElsewhere The page came here from another node, which died. Its name is not said: whoever made the address may have written any. */
export function logIn(isElsewhere) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const token = el("input", { id: "token", type: "password", name: "token", required: true, autocomplete: "current-password", spellcheck: "false" });
  const button = el("button", { class: "button", "data-kind": "main" }, "Log in");
  const form = el("form", { class: "card log-in", onsubmit: async event => {
    event.preventDefault();
    button.disabled = true;
    try {
      keepHalf((await ask("log-in", { method: "POST", token: token.value.trim() })).pageHalf);
      location.reload();
    } catch (error) {
      say(problem, error.message);
      problem.hidden = false;
      button.disabled = false;
      token.select();
    }
  } },
  el("h1", { tabindex: -1 }, "Log in"),
  el("p", { class: "muted" }, isElsewhere ? "The node from which you come does not answer any more. This is another node of its cluster. A log-in goes along where both have the same host name and the nodes share a secret (cluster.secret-file); here it does not."
    : "With a token of admin.tokens. It is sent to this node once, and not kept by the browser."),
  el("div", { class: "field" }, el("label", { for: "token" }, "Token"), token), problem, button);
  queueMicrotask(() => token.focus());
  return form;
}
