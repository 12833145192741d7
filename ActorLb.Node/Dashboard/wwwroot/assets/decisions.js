// What operators decided at run time, in one sentence or two. Pure.
const some = all => `${all.slice(0, 6).join("; ")}${all.length > 6 ? "; and more" : ""}.`;

export function decisionsText({ overlays, states, differences }) {
  const said = [
    differences.length ? `In force otherwise than written: ${some(differences.map(d => `${d.key} = ${d.inForce ?? "nothing"}`))}` : "",
    states.length ? some(states.map(s => `${s.pool}/${s.backend} ${s.operator === "draining" ? "drains" : "is in maintenance"}`)) : "",
  ].filter(Boolean).join(" ");
  return said || (overlays.length ? "What was decided is what is written now." : "Nothing lies over what is written.");
}
