// Nodes: what each has to do, what it goes by, and whom it hears.
import { el, keyed, mark, say, set, setMark } from "../dom.js";
import { elsewhere } from "../half.js";
import { bytes, count, ms, percent, rate, since } from "../format.js";
import { heading, troubleList } from "../parts.js";
import { partitionPicture } from "../partitions.js";

// The half stands in the link only while it is followed: nobody is to copy it from there. Where a node is gone, somebody else may have its port.
function dashboardOf(n, isReachable) {
  const plain = `${n.admin}#/cluster`;
  const follow = event => {
    if (event.type === "auxclick" && event.button !== 1 || !isReachable()) return;
    link.href = elsewhere(n.admin, "/cluster");
    setTimeout(() => { link.href = plain; });
  };
  const link = el("a", { href: plain, onclick: follow, onauxclick: follow }, new URL(n.admin).host);
  return link;
}

export function cluster() {
  const troubles = troubleList();
  const picture = partitionPicture();
  const rows = el("tbody");
  const matrixHead = el("tr"), matrix = el("tbody");
  const region = (label, table) => el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
  const columns = ["Node", "State", "Requests/s", "Failures", "p99", "Clients", "Processor", "Memory", "Runs for", "Version", "Goes by", "Dashboard"];
  return {
    element: el("div", { class: "view" }, heading("Nodes"), troubles,
      el("section", { class: "card live" }, el("h2", {}, "What each does"), region("Nodes", el("table", {}, el("thead", {}, el("tr", {}, columns.map((c, i) => el("th", { scope: "col", class: i > 1 && i < 9 ? "number" : null }, c)))), rows))),
      el("div", { class: "columns" }, el("section", { class: "card live" }, el("h2", {}, "Sides"), picture),
        el("section", { class: "card live" }, el("h2", {}, "Who hears whom"), el("p", { class: "muted small" }, "A row says what that node says of the others."), region("Who hears whom", el("table", { class: "matrix" }, el("thead", {}, matrixHead), matrix))))),
    title: "Nodes",
    update(now) {
      troubles.show(now.troubles.filter(t => t.node && t.severity !== "info"), now.time);
      picture.show(now);
      keyed(rows, [...now.nodes, ...now.lost], n => n.name, n => el("tr", {}, el("th", { scope: "row" }, n.name), el("td", {}, mark("off", "")), ...columns.slice(2).map((_, i) => el("td", { class: i < 7 ? "number" : null }))), (row, n) => {
        row.reachable = n.reachable;
        const c = row.children, knows = n.version !== undefined;
        setMark(c[1].firstChild, !n.reachable ? "bad" : n.status === "up" ? "ok" : "warn", n.reachable ? n.status : n.status ? "not heard" : `gone for ${since(n.since, now.time)}`);
        const said = knows ? [rate(n.recentRequests / 10), n.recentRequests ? percent(n.recentFailures / n.recentRequests) : "–", ms(n.p99), count(n.clients), percent(n.processorPermille / 1000), bytes(n.memoryBytes), since(n.startedAt, now.time), n.version] : Array(8).fill("–");
        said.forEach((text, i) => say(c[i + 2], text));
        say(c[10], `${n.configuration ?? "–"}${n.differs ? ", differs" : ""}`);
        set(c[10], "class", "mono");
        if (c[11].dataset.url !== (n.admin ?? "")) {
          c[11].dataset.url = n.admin ?? "";
          c[11].replaceChildren(n.name === now.node ? "this one" : n.admin ? dashboardOf(n, () => row.reachable) : "–");
        }
      });
      keyed(matrixHead, [{ name: "" }, ...now.nodes], n => n.name, n => n.name ? el("th", { scope: "col" }, n.name) : el("td"));
      keyed(matrix, now.nodes, n => n.name, n => el("tr", {}, el("th", { scope: "row" }, n.name)), (row, n) => {
        keyed(row, [{ name: `of ${n.name}`, head: true }, ...now.nodes], o => o.name, o => o.head ? row.firstChild : el("td", {}, mark("off", "")), (cell, o) => {
          if (o.head) return;
          const seen = n.sees?.find(s => s.node === o.name);
          if (o.name === n.name) setMark(cell.firstChild, "ok", "itself");
          else if (!n.sees) setMark(cell.firstChild, "off", "silent");
          else if (!seen) setMark(cell.firstChild, "off", "not known");
          else setMark(cell.firstChild, seen.reachable ? seen.status === "up" ? "ok" : "warn" : "bad", seen.reachable ? seen.status === "up" ? "hears" : seen.status : "does not hear");
        });
      });
    },
  };
}
