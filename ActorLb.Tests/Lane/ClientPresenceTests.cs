using ActorLb.Engine.Kestrel;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class ClientPresenceTests
{
    private readonly FeatureCollection _features = new();
    private readonly Server _server = new();
    private readonly ClientPresence _presence = new();

    public ClientPresenceTests() => _features.Set<IHttpRequestLifetimeFeature>(_server);

    [Fact]
    public void A_client_that_ends_its_connection_has_left()
    {
        _presence.Begin(_features);
        Assert.False(_presence.HasLeft);
        _server.Abort();
        Assert.True(_presence.HasLeft);
    }

    [Fact]
    public void A_connection_that_we_break_off_is_no_client_that_left()
    {
        _presence.Begin(_features);
        _presence.BreakOff();
        Assert.True(_server.RequestAborted.IsCancellationRequested);
        Assert.False(_presence.HasLeft);
    }

    [Fact]
    public void A_client_that_had_left_stays_one_when_we_break_off()
    {
        _presence.Begin(_features);
        _server.Abort();
        _presence.BreakOff();
        Assert.True(_presence.HasLeft);
    }

    [Fact]
    public void The_next_request_of_a_connection_begins_anew()
    {
        _presence.Begin(_features);
        _presence.BreakOff();
        _presence.End();

        var next = new Server();
        _features.Set<IHttpRequestLifetimeFeature>(next);
        _presence.Begin(_features);
        Assert.False(_presence.HasLeft);
        next.Abort();
        Assert.True(_presence.HasLeft);
    }

    /// <summary>Cancels the request for both ends alike, as the server does.</summary>
    private sealed class Server : IHttpRequestLifetimeFeature
    {
        private readonly CancellationTokenSource _aborted = new();

        public CancellationToken RequestAborted
        {
            get => _aborted.Token;
            set => throw new NotSupportedException();
        }

        public void Abort() => _aborted.Cancel();
    }
}
