// PORT=9001 NAME=web-1 node server.js: an Express application whose sessions are in its own memory.
import express from "express";
import session from "express-session";

const { PORT = 9001, HOST = "127.0.0.1", NAME = `express-${process.pid}`, SECRET = "only for trying" } = process.env;

const app = express();
// Who may say what the client's address and scheme are: the balancers. req.ip, req.protocol, req.secure and with them
// secure cookies follow it.
app.set("trust proxy", "loopback");
app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, cookie: { maxAge: 20 * 60_000, secure: "auto" } }));
app.use(express.urlencoded({ extended: false }));

app.get("/healthz", (_, res) => res.send("ok"));
app.get("/whoami", (req, res) => {
  req.session.visits = (req.session.visits ?? 0) + 1;
  res.json({
    server: NAME, user: req.session.user ?? null, visits: req.session.visits,
    scheme: req.protocol, host: req.host, client: req.ip,
  });
});
app.post("/login", (req, res) => {
  req.session.user = req.body.user;
  res.redirect(303, "/");
});
app.get("/", (req, res) => {
  const user = String(req.session.user ?? "nobody").replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
  res.send(`<!DOCTYPE html><title>Express behind ActorLb</title><p>Server <b>${NAME}</b>, you are <b>${user}</b>.
    <form method="post" action="/login"><input name="user" placeholder="your name"><button>Log in</button></form>`);
});

const server = app.listen(PORT, HOST);
// Longer than the 4 s after which ActorLb gives an unused connection up, so that it is never this side that closes first.
server.keepAliveTimeout = 10_000;
process.on("SIGTERM", () => server.close(() => process.exit(0)));
