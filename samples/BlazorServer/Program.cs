using BlazorServer;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);

// Also where the program runs from its build output, as the tests do, and not in Development.
builder.WebHost.UseStaticWebAssets();

builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddScoped<ThisCircuit>();
builder.Services.AddScoped<CircuitHandler>(services => services.GetRequiredService<ThisCircuit>());
builder.Services.AddHealthChecks();

// Descriptors of components and antiforgery tokens are sealed with the key ring: a page that one server rendered is
// only understood by another one that has the same keys and the same application name.
IDataProtectionBuilder protection = builder.Services.AddDataProtection().SetApplicationName("actorlb-blazor-sample");
if (Environment.GetEnvironmentVariable("DATA_PROTECTION_KEYS") is { Length: > 0 } folder)
    protection.PersistKeysToFileSystem(new DirectoryInfo(folder));

WebApplication app = builder.Build();
app.UseAntiforgery();
app.MapHealthChecks("/healthz");
app.MapStaticAssets();
app.MapGet("/whoami", (HttpContext context, IConfiguration configuration) => new
{
    server = ServerName.Of(configuration),
    scheme = context.Request.Scheme,
    host = context.Request.Host.Value,
    client = context.Connection.RemoteIpAddress?.ToString(),
});
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
app.Run();
