using ActorLb.Engine.Kestrel;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class ClientPresenceTests
{
    private readonly FeatureCollection _features = new();
    private readonly Server _server = new();
    private readonly ClientPresence _presence = new();

    public ClientPresenceTests()
    {
        _features.Set<IHttpRequestLifetimeFeature>(_server);
        _features.Set<IHttpResetFeature>(_server);
    }

    [Fact]
    public void A_client_that_ends_its_connection_has_left()
    {
        _presence.Begin(_features, hasStreams: false);
        Assert.False(_presence.HasLeft);
        _server.Abort();
        Assert.True(_presence.HasLeft);
    }

    [Fact]
    public void A_connection_that_we_break_off_is_no_client_that_left()
    {
        _presence.Begin(_features, hasStreams: false);
        _features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
        Assert.True(_server.RequestAborted.IsCancellationRequested);
        Assert.False(_presence.HasLeft);
    }

    [Fact]
    public void A_stream_that_we_reset_is_no_client_that_left()
    {
        _presence.Begin(_features, hasStreams: true);
        _features.GetRequiredFeature<IHttpResetFeature>().Reset(2);
        Assert.Equal(2, _server.ErrorCode);
        Assert.False(_presence.HasLeft);
    }

    [Fact]
    public void A_client_that_had_left_stays_one_when_we_break_off()
    {
        _presence.Begin(_features, hasStreams: false);
        _server.Abort();
        _features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
        Assert.True(_presence.HasLeft);
    }

    [Fact]
    public void A_client_whose_answer_is_given_up_has_stalled_and_one_that_left_has_not()
    {
        _presence.Begin(_features, hasStreams: false);
        _presence.OnWriteCancelled();
        _server.Abort();
        Assert.Equal((true, false), (_presence.HasStalled, _presence.HasLeft));

        var left = new Server();
        _features.Set<IHttpRequestLifetimeFeature>(left);
        _presence.Begin(_features, hasStreams: false);
        left.Abort();
        _presence.OnWriteCancelled();
        Assert.Equal((false, true), (_presence.HasStalled, _presence.HasLeft));
    }

    [Fact]
    public void The_next_request_of_a_connection_begins_anew()
    {
        _presence.Begin(_features, hasStreams: true);
        _features.GetRequiredFeature<IHttpResetFeature>().Reset(1);
        _presence.End();

        var next = new Server();
        _features.Set<IHttpRequestLifetimeFeature>(next);
        _presence.Begin(_features, hasStreams: false);
        Assert.False(_presence.HasLeft);
        next.Abort();
        Assert.True(_presence.HasLeft);
    }

    /// <summary>Cancels the request for both ends alike, as the server does.</summary>
    private sealed class Server : IHttpRequestLifetimeFeature, IHttpResetFeature
    {
        private readonly CancellationTokenSource _aborted = new();

        public int ErrorCode { get; private set; }

        public CancellationToken RequestAborted
        {
            get => _aborted.Token;
            set => throw new NotSupportedException();
        }

        public void Abort() => _aborted.Cancel();

        public void Reset(int errorCode)
        {
            ErrorCode = errorCode;
            _aborted.Cancel();
        }
    }
}
