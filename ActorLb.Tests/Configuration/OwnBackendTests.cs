using System.Net;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using Xunit;

namespace ActorLb.Tests.Configuration;

public sealed class OwnBackendTests
{
    [Theory]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8080", "listeners.http.bind")]
    [InlineData("0.0.0.0:8080", "http://127.0.0.1:8080", "listeners.http.bind")]
    [InlineData("0.0.0.0:8080", "http://localhost:8080", "listeners.http.bind")]
    [InlineData("0.0.0.0:8080", "http://10.1.2.3:8080", "listeners.http.bind")]
    [InlineData("[::]:8080", "http://[::1]:8080", "listeners.http.bind")]
    [InlineData("[::1]:8080", "http://[::1]:8080", "listeners.http.bind")]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8090", "admin.bind")]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8110", "cluster.port")]
    public void A_backend_that_is_the_node_itself_is_refused(string bind, string backend, string key)
    {
        ConfigurationResult result = Read(bind, backend);
        Assert.Contains(result.Mistakes, m => m.ToString().Contains("is this node itself", StringComparison.Ordinal)
            && m.ToString().Contains(key, StringComparison.Ordinal)
            && m.ToString().Contains("pools.web.backends", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8081")]
    [InlineData("127.0.0.1:8080", "http://127.0.0.2:8080")]
    [InlineData("0.0.0.0:8080", "http://10.9.9.9:8080")]
    [InlineData("10.1.2.3:8080", "http://127.0.0.1:8080")]
    [InlineData("0.0.0.0:8080", "http://web:8080")]
    public void Another_server_is_none_of_it(string bind, string backend) => Assert.Empty(Read(bind, backend).Mistakes);

    private static ConfigurationResult Read(string bind, string backend)
    {
        ConfigurationEnvironment environment = Reading.Environment() with
        {
            IsOwnAddress = a => IPAddress.IsLoopback(a) || a.Equals(IPAddress.Parse("10.1.2.3")),
        };
        return ConfigurationLoader.FromText(
            "a.conf",
            $$"""
            actorlb {
              listeners.http.bind = "{{bind}}"
              routes = [ { host = "*", path = "/", pool = web } ]
              pools.web.backends = ["{{backend}}"]
            }
            """,
            environment);
    }
}
