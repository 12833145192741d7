using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using ActorLb.ProcessTests;
using Xunit;

namespace ActorLb.BrowserTests;

/// <summary>The gRPC sample's servers behind nodes, and clients that share no code with them or with a node.</summary>
public sealed partial class GrpcClientsTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("Python")]
    [InlineData("Go")]
    [InlineData("Java")]
    public async Task A_client_of_another_language_does_all_that_calls_can_do(string language)
    {
        await using LoopbackCluster cluster = await StartAsync(nodes: 1, extra: "listeners.http.http2 = cleartext");
        await using ActorLbProcess client = await GrpcClients.StartAsync(language, cluster.Nodes[0].Http.Authority);
        await DoesAllAsync(client, cluster);
    }

    [Theory]
    [InlineData("Python")]
    [InlineData("Go")]
    public async Task It_does_the_same_over_tls(string language)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("actorlb-grpc-");
        try
        {
            string certificate = await WriteCertificateAsync(folder);
            await using LoopbackCluster cluster = await StartAsync(
                nodes: 1, extra: $$"""listeners.http.tls { enabled = true, certificate = "{{certificate}}" }""");
            await using ActorLbProcess client = await GrpcClients.StartAsync(language, cluster.Nodes[0].Http.Authority, certificate);
            await DoesAllAsync(client, cluster);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("Python")]
    [InlineData("Go")]
    [InlineData("Java")]
    public async Task It_goes_on_at_another_node_when_its_own_dies(string language)
    {
        await using LoopbackCluster cluster = await StartAsync(nodes: 3, extra: "listeners.http.http2 = cleartext");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("actorlb-grpc-");
        try
        {
            await using ActorLbProcess client = await GrpcClients.StartAsync(
                language, ["follow", folder.FullName, .. cluster.Nodes.Select(n => n.Http.Authority)]);
            await DoesMoreAsync(client, cluster);
            cluster.Kill("lb1");
            await DoesMoreAsync(client, cluster);
            await cluster.StartNodeAsync(0);
            cluster.Kill("lb2");
            await DoesMoreAsync(client, cluster);

            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "stop"), "");
            Assert.True(await client.ExitCodeAsync() == 0, client.Output + cluster.Logs());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<LoopbackCluster> StartAsync(int nodes, string extra)
    {
        LoopbackCluster cluster = await LoopbackCluster.StartAsync(
            nodes,
            backends: 2,
            poolExtra: """protocol = http2, affinity { mode = header, header = "X-Session" }, health.probe = grpc""",
            extra: $$"""
                {{extra}}
                routes = [ { path = "/actorlb.sample.Refused", pool = web, deny = ["0.0.0.0/0"] }, { pool = web } ]
                """,
            program: (authority, name) => Programs.StartSample("gRPC", [], "--urls", $"http://{authority}", "--name", name, "--http2"),
            backendVersion: HttpVersion.Version20);
        for (int i = 0; i < cluster.BackendPorts.Count; i++)
        {
            await cluster.WhenBackendIsAsync(i, "up");
        }

        return cluster;
    }

    /// <summary>A PEM file of a certificate for localhost, its own root, and its key.</summary>
    private static async Task<string> WriteCertificateAsync(DirectoryInfo folder)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        string file = Path.Combine(folder.FullName, "localhost.pem");
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        return file;
    }

    private static async Task DoesAllAsync(ActorLbProcess client, LoopbackCluster cluster)
    {
        Assert.True(await client.ExitCodeAsync(Bound) == 0, client.Output + cluster.Logs());
        Assert.Contains("ok keepalive", client.Output, StringComparison.Ordinal);
    }

    /// <summary>Waits until the client has done some calls more than it has.</summary>
    private static async Task DoesMoreAsync(ActorLbProcess client, LoopbackCluster cluster)
    {
        int until = Done(client) + 300;
        await cluster.Until($"{until} calls are done by {client.Output}", () =>
        {
            client.ThrowIfExited();
            return Task.FromResult(Done(client) >= until);
        });
    }

    private static int Done(ActorLbProcess client) =>
        Calls().Matches(client.Output).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();

    [GeneratedRegex("done ([0-9]+)")]
    private static partial Regex Calls();
}
