using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
string server = builder.Configuration["name"] ?? $"{Environment.MachineName}-{Environment.ProcessId}";

// Only what the balancers say is believed: their addresses, with commas, in --proxies.
builder.Services.Configure<ForwardedHeadersOptions>(options =>
{
    options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
    foreach (string proxy in (builder.Configuration["proxies"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        options.KnownProxies.Add(IPAddress.Parse(proxy));
});

// The login cookie and antiforgery tokens are sealed with the key ring: with one folder for all servers, what one of
// them sealed is good at every other one.
IDataProtectionBuilder protection = builder.Services.AddDataProtection().SetApplicationName("actorlb-aspnetcore-sample");
if (Environment.GetEnvironmentVariable("DATA_PROTECTION_KEYS") is { Length: > 0 } folder)
    protection.PersistKeysToFileSystem(new DirectoryInfo(folder));

builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
builder.Services.AddAuthorization();
builder.Services.AddAntiforgery();
builder.Services.AddDistributedMemoryCache();       // Sessions in the memory of this server: they need the balancer's cookie.
builder.Services.AddSession(options => options.IdleTimeout = TimeSpan.FromMinutes(20));
builder.Services.AddHealthChecks();
builder.Services.AddSignalR();
builder.Services.AddSingleton(new Chat.Server(server));

WebApplication app = builder.Build();
app.UseForwardedHeaders();
app.UseAuthentication();
app.UseAuthorization();
app.UseSession();
app.UseAntiforgery();
app.MapHealthChecks("/healthz");
app.MapHub<Chat>("/chat");
app.MapGet("/", (HttpContext context, IAntiforgery antiforgery) =>
{
    AntiforgeryTokenSet token = antiforgery.GetAndStoreTokens(context);
    string user = HtmlEncoder.Default.Encode(context.User.Identity?.Name ?? "nobody");
    return Results.Content($"""
        <!DOCTYPE html><title>ASP.NET Core behind ActorLb</title>
        <p>Server <b>{server}</b>, you are <b>{user}</b>, visit <b>{Visit(context)}</b>.
        <form method="post" action="/login">
          <input type="hidden" name="{token.FormFieldName}" value="{token.RequestToken}">
          <input name="user" placeholder="your name"><button>Log in</button>
        </form>
        """, "text/html");
});
app.MapPost("/login", async (HttpContext context, [FromForm] string user) =>
{
    var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], CookieAuthenticationDefaults.AuthenticationScheme);
    await context.SignInAsync(new ClaimsPrincipal(identity));
    return Results.Redirect("/");
});
app.MapGet("/whoami", (HttpContext context) => new
{
    server,
    user = context.User.Identity?.Name,
    visits = Visit(context),
    scheme = context.Request.Scheme,
    host = context.Request.Host.Value,
    client = context.Connection.RemoteIpAddress?.ToString(),
});
app.Run();

static int Visit(HttpContext context)
{
    int visit = 1 + int.Parse(context.Session.GetString("visits") ?? "0", CultureInfo.InvariantCulture);
    context.Session.SetString("visits", visit.ToString(CultureInfo.InvariantCulture));
    return visit;
}
