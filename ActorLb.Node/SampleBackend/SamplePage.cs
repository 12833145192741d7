using System.Text.Encodings.Web;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.SampleBackend;

/// <summary>The sample site's one page. Plain HTML with its own style, no script; everything from outside is encoded.</summary>
internal static class SamplePage
{
    /// <summary>Nothing but this page's own style and forms: a second wall behind the encoding.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private const string Style = """
        :root { color-scheme: light dark; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif;
               background: #f3f4f6; color: #1f2937; }
        main { width: min(34rem, 92vw); background: #fff; border-radius: 1rem; overflow: hidden; box-shadow: 0 8px 30px #0002; }
        header { padding: 1.5rem 2rem; color: #fff; }
        header p { margin: 0; opacity: .9; } h1 { margin: 0; font-size: 2rem; overflow-wrap: anywhere; }
        section { padding: 1.25rem 2rem; } section + section { border-top: 1px solid #8883; }
        .known { font-size: 1.25rem; } .stranger { background: #fef3c7; color: #78350f; } .wrong { color: #b91c1c; }
        form { display: flex; gap: .5rem; } input { flex: 1; min-width: 0; } input, button { font: inherit; padding: .5rem .75rem;
               border-radius: .5rem; border: 1px solid #8886; }
        button { cursor: pointer; } a { color: inherit; } small { opacity: .75; }
        @media (prefers-color-scheme: dark) { body { background: #111827; color: #e5e7eb; } main { background: #1f2937; } }
        """;

    /// <param name="complaint">What was wrong with the name that was sent, or null.</param>
    public static string Render(string server, Visit visit, string? complaint = null)
    {
        string name = HtmlEncoder.Default.Encode(server);
        ulong hue = BackendKey.Of(server).Value % 360;
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{name}</title>
            <style>{Style}</style>
            </head>
            <body>
            <main>
            <header style="background: hsl({hue} 60% 35%)"><p>You are served by</p><h1>{name}</h1></header>
            {Greeting(visit)}
            {(complaint is null ? "" : $"<section class=\"wrong\">{HtmlEncoder.Default.Encode(complaint)}</section>")}
            <section>{Form(visit)}</section>
            <section>Your visits on this server: <strong>{visit.Visits}</strong> · <a href="/">reload</a> · <a href="/whoami">as JSON</a>
            <br><small>Logins and visits are kept in the memory of {name} alone.</small></section>
            </main>
            </body>
            </html>

            """;
    }

    private static string Greeting(Visit visit)
    {
        if (visit.User is not null)
        {
            return $"<section class=\"known\">Hello <strong>{HtmlEncoder.Default.Encode(visit.User)}</strong>, this server remembers you.</section>";
        }

        return visit.Stranger
            ? "<section class=\"stranger\"><strong>This server does not know you.</strong> Your session was made by another "
                + "server. If you logged in there, the login is in that server's memory, and this one has never seen it.</section>"
            : "<section>You are not logged in.</section>";
    }

    private static string Form(Visit visit) => visit.User is null
        ? "<form method=\"post\" action=\"/login\"><input name=\"name\" placeholder=\"Your name\" aria-label=\"Your name\" "
            + "maxlength=\"40\" autocomplete=\"off\" required><button>Log in</button></form>"
        : "<form method=\"post\" action=\"/logout\"><button>Log out</button></form>";
}
