using System.IO.Pipelines;
using ActorLb.Engine.Kestrel;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace ActorLb.Tests.Lane;

public sealed class EndedStreamTests
{
    [Fact]
    public async Task What_is_written_when_the_stream_has_ended_is_dropped_and_the_next_flush_says_so()
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature());
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        features.Set<IHttpResponseBodyFeature>(new Body());
        var client = new MultiplexedClient(new HttpRequestFeature());
        client.Begin(features);

        client.WriteBody("data"u8);

        Assert.False(await client.FlushAsync());
    }

    /// <summary>As the server's is then: it gives no room to who asks for none.</summary>
    private sealed class Ended : PipeWriter
    {
        public override void Advance(int bytes)
        {
        }

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(new FlushResult(isCanceled: false, isCompleted: true));

        public override Memory<byte> GetMemory(int sizeHint = 0) => new byte[sizeHint];

        public override Span<byte> GetSpan(int sizeHint = 0) => new byte[sizeHint];
    }

    private sealed class Body : IHttpResponseBodyFeature
    {
        public Stream Stream => Stream.Null;

        public PipeWriter Writer { get; } = new Ended();

        public Task CompleteAsync() => Task.CompletedTask;

        public void DisableBuffering()
        {
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
