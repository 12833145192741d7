using System.Collections.Immutable;
using ActorLb.Engine.Kestrel;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using CsCheck;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class RequestTargetsTests
{
    private static readonly ImmutableArray<BackendSnapshot> Backends =
        [.. new[] { "http://127.0.0.1:9001", "http://127.0.0.1:9002", "https://secure.example" }.Select(Backend)];

    private static BackendSnapshot Backend(string address) => new(
        address, BackendKey.Of(address), new Uri(address), 1, 1, BackendHealth.Up, OperatorState.Ready, null,
        DateTimeOffset.UnixEpoch, true, true, new BackendTraffic());

    [Fact]
    public void An_address_that_was_kept_is_the_one_that_would_be_made()
    {
        var targets = new RequestTargets();
        Gen<string> path = Gen.String[Gen.Char["abcXYZ019-._~%/?&=+|\"<>"], 0, 6].Select(s => "/" + s);
        Gen.Select(path, Gen.Int[0, Backends.Length - 1]).Sample(
            (target, backend) =>
            {
                Uri address = targets.Of(Backends[backend], target);
                return address.PathAndQuery == target
                    && address.Host == Backends[backend].Address.Host
                    && address.Port == Backends[backend].Address.Port
                    && targets.Of(Backends[backend], target).AbsoluteUri == address.AbsoluteUri;
            },
            iter: 20_000);
    }

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(5000)]
    public void A_long_target_arrives_whole(int length)
    {
        string target = "/" + new string('x', length - 1);
        var targets = new RequestTargets();

        Assert.Equal(target, targets.Of(Backends[0], target).PathAndQuery);
        Assert.Equal(target, targets.Of(Backends[0], target).PathAndQuery);
    }

    [Fact]
    public void A_tls_backend_is_plain_http_to_the_handler_on_its_own_port() =>
        Assert.Equal("http://secure.example:443/a", new RequestTargets().Of(Backends[2], "/a").OriginalString);
}
