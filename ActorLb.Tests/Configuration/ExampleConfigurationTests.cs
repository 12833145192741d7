using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Demo;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class ExampleConfigurationTests
{
    private static readonly string Examples = RepositoryFiles.PathOf("hocon", "examples");

    [Fact]
    public void The_examples_make_three_nodes_that_know_each_other()
    {
        var nodes = new List<NodeSettings>();
        foreach (string node in new[] { "node-1.conf", "node-2.conf", "node-3.conf" })
        {
            ConfigurationResult read = ConfigurationLoader.Load(
                [Path.Combine(Examples, "example.conf"), Path.Combine(Examples, node)], Reading.Environment());
            Assert.Empty(read.Mistakes);
            Assert.Empty(read.Warnings);
            nodes.Add(read.Settings!);
        }

        Assert.Equal(["lb-1", "lb-2", "lb-3"], nodes.Select(n => n.Name));
        Assert.Equal(3, nodes.Select(n => n.DataDirectory).Distinct().Count());
        Assert.Equal(9, nodes.SelectMany(n => new[] { n.Cluster.Port, n.Admin.Bind.Port, n.Topology.Listeners.Single().Bind.Port }).Distinct().Count());
        Assert.All(nodes, n => Assert.Equal(nodes.Select(m => new HostPort(m.Cluster.Host, m.Cluster.Port)), n.Cluster.Seeds));
    }

    [Fact]
    public void The_key_of_the_environment_signs_the_cookies_of_the_example()
    {
        ConfigurationResult read = ConfigurationLoader.Load(
            [Path.Combine(Examples, "example.conf")], Reading.Environment(("ACTORLB_TICKET_KEY", "7d1f09b3c25ae846")));
        Assert.Single(read.Settings!.Topology.Pools["web"].Affinity.Keys);
    }

    [Fact]
    public void The_example_with_TLS_opens_a_listener_beside_that_of_the_node()
    {
        DirectoryInfo files = Directory.CreateTempSubdirectory("actorlb-tls-");
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using X509Certificate2 certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            (string pem, string keyFile) = (Path.Combine(files.FullName, "tls.pem"), Path.Combine(files.FullName, "tls.key"));
            File.WriteAllText(pem, certificate.ExportCertificatePem());
            File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());

            ConfigurationResult read = ConfigurationLoader.Load(
                [.. new[] { "example.conf", "node-1.conf", "tls.conf" }.Select(f => Path.Combine(Examples, f))],
                Reading.Environment(("ACTORLB_TLS_CERTIFICATE", pem), ("ACTORLB_TLS_KEY", keyFile)) with { ReadFile = File.ReadAllBytes });
            Assert.Empty(read.Mistakes);
            Assert.Empty(read.Warnings);
            Assert.Equal([8080, 8443], read.Settings!.Topology.Listeners.Select(l => l.Bind.Port).Order());
        }
        finally
        {
            files.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_sample_that_newcomers_copy_has_no_mistake()
    {
        string readme = File.ReadAllText(RepositoryFiles.PathOf("README.md")).ReplaceLineEndings("\n");
        string hocon = readme[readme.IndexOf("```hocon\n", StringComparison.Ordinal)..].Split("```")[1]["hocon\n".Length..];
        ConfigurationResult read = ConfigurationLoader.FromText(
            "node.conf", hocon, Reading.Environment() with { ReadFile = _ => System.Text.Encoding.ASCII.GetBytes(SecretText.New()) });
        Assert.Empty(read.Mistakes);
        Assert.Single(read.Settings!.Cluster.Secrets);
    }

    [Fact]
    public void The_guide_shows_the_mistakes_that_its_example_really_has()
    {
        string guide = File.ReadAllText(RepositoryFiles.PathOf("docs", "configuration.md")).ReplaceLineEndings("\n");
        string[] blocks = guide[guide.IndexOf("## Checking", StringComparison.Ordinal)..].Split("```");
        string hocon = blocks[1]["hocon\n".Length..];
        ConfigurationResult read = ConfigurationLoader.FromText("web.conf", hocon, Reading.Environment());
        Assert.Equal(blocks[3].Trim('\n').Split('\n'), read.Mistakes.Select(m => m.ToString()));
    }

    [Fact]
    public void What_the_demo_writes_for_its_nodes_has_no_mistake()
    {
        foreach (DemoNode node in DemoLayout.WellKnown.Nodes)
        {
            ConfigurationResult read = ConfigurationLoader.FromText(
                node.Name, DemoConfiguration.Write(DemoLayout.WellKnown, node, @"C:\demo\" + node.Name, sticky: true), Reading.Environment());
            Assert.Empty(read.Mistakes);
            Assert.Empty(read.Warnings);
            Assert.Equal((node.Name, @"C:\demo\" + node.Name), (read.Settings!.Name, read.Settings.DataDirectory));
            Assert.Equal(["web-1", "web-2", "web-3"], read.Settings.Topology.Pools["web"].Backends.Select(b => b.Id));
        }
    }

    // What the design promises about the shape of a file, in one piece.
    [Fact]
    public void A_file_with_every_section_is_read_as_it_is_laid_out()
    {
        ConfigurationResult read = ConfigurationLoader.FromText(
            "full.conf",
            """
            actorlb {
              node { name = ${?ACTORLB_NODE_NAME}, data-dir = "data" }       # a comment
              cluster {
                host = "127.0.0.1", port = 8110
                discovery { method = seeds
                            seeds = ["127.0.0.1:8110"], dns { name = "lb", required-nodes = 1 } }
                tls { enabled = false, certificate = "", password = "" }
              }
              admin { bind = "127.0.0.1:8090", token = ${?ACTORLB_ADMIN_TOKEN} }
              listeners { http { bind = "0.0.0.0:8080", engine = auto, loops = 0 } }
              routes = [ { host = "*", path = "/", pool = web } ]
              pools { web {
                backends = [ "http://127.0.0.1:9001", { id = web-2, address = "http://127.0.0.1:9002", weight = 2 } ]   # or more
                balance = round-robin
                affinity { mode = cookie
                           cookie { name = ALB, path = "/", domain = "", same-site = lax, secure = auto, http-only = true, max-age = session }
                           idle-timeout = 30m, max-sessions = 1000000, rebind-timeout = 250ms, keys = [] }
                health { probe = http, path = "/healthz", expect = "200-299", interval = 2s, timeout = 1s, rise = 2, fall = 2, observers = 3
                         passive { failures = 3, window = 10s, statuses = [] } }
                retry { attempts = 2 }, slow-start = 0s, when-all-down = refuse
              } }
              limits { }
            }
            """,
            Reading.Environment(("ACTORLB_NODE_NAME", "lb-7")));
        Assert.Empty(read.Mistakes);
        Assert.Empty(read.Warnings);
        Assert.Equal("lb-7", read.Settings!.Name);
        Assert.Equal(["127.0.0.1:9001", "web-2"], read.Settings.Topology.Pools["web"].Backends.Select(b => b.Id));
    }
}
