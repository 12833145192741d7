"""NAME=web-1 gunicorn --bind 127.0.0.1:9001 --forwarded-allow-ips 127.0.0.1 --keep-alive 10 app:app

A Flask application whose logins are in the memory of one gunicorn worker process.
"""
import os
import secrets
from html import escape

from flask import Flask, jsonify, redirect, request
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
# gunicorn itself follows X-Forwarded-Proto of --forwarded-allow-ips; for the client's address and host the application
# has to: of each field the last one value, which is the balancer's.
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)

NAME = os.environ.get("NAME", f"flask-{os.getpid()}")
SESSIONS = {}


def session():
    return SESSIONS.get(request.cookies.get("sid"))


@app.get("/healthz")
def healthz():
    return "ok"


@app.get("/whoami")
def whoami():
    known = session()
    if known:
        known["visits"] += 1
    return jsonify(server=NAME, user=known and known["user"], visits=known["visits"] if known else 0,
                   scheme=request.scheme, host=request.host, client=request.remote_addr)


@app.post("/login")
def login():
    sid = secrets.token_urlsafe()
    SESSIONS[sid] = {"user": request.form["user"], "visits": 0}
    answer = redirect("/", 303)
    answer.set_cookie("sid", sid, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


@app.get("/")
def index():
    user = escape(session()["user"]) if session() else "nobody"
    return f"""<!DOCTYPE html><title>Flask behind ActorLb</title><p>Server <b>{NAME}</b>, you are <b>{user}</b>.
    <form method="post" action="/login"><input name="user" placeholder="your name"><button>Log in</button></form>"""
