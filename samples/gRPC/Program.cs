using GrpcSample;

// gRPC --urls http://127.0.0.1:9001 --name web-1 [--http2] is a server, of gRPC-Web, or with --http2 or https of gRPC.
// gRPC client URL [--web] asks it, by gRPC-Web or by gRPC itself.
// gRPC health URL [serving|not-serving] says what its health is, or what it is to be.
// gRPC interop --address URL [--insecure] [--cases a,b] [--repeat N] [--parallel M] tries all that calls can do.
switch (args)
{
    case ["client", var url, ..]:
        return await Client.RunAsync(new Uri(url), web: args.Contains("--web"));
    case ["health", var url]:
        return await HealthClient.RunAsync(new Uri(url), told: null);
    case ["health", var url, ("serving" or "not-serving") and var told]:
        return await HealthClient.RunAsync(new Uri(url), told);
    case ["interop", .. var options]:
        return await Interop.RunAsync(options);
    default:
        await Server.RunAsync(args);
        return 0;
}
