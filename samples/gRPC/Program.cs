using GrpcSample;

// gRPC --urls http://127.0.0.1:9001 --name web-1 is a server; gRPC client URL [--web] asks it, by gRPC-Web or by gRPC itself.
if (args is ["client", var url, ..])
    return await Client.RunAsync(new Uri(url), web: args.Contains("--web"));

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddGrpc();
builder.Services.AddSingleton(new CountingService.Server(builder.Configuration["name"] ?? "grpc"));
builder.Services.AddHealthChecks();

WebApplication app = builder.Build();
app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
app.MapHealthChecks("/healthz");
app.MapGrpcService<CountingService>();
app.Run();
return 0;
