using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Sessions;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Node.Sessions.Replication;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Sessions;
using Akka.Actor;
using Akka.Configuration;
using Xunit;

namespace ActorLb.Tests.Sessions;

/// <summary>A message that is larger than a frame is dropped without a word: none of ours may become so large.</summary>
public sealed class FrameBoundTests : IDisposable
{
    /// <summary>Names, envelopes and version vectors of what gossip sends together: far below a kilobyte for each.</summary>
    private const int AroundBucket = 1024;

    private static readonly Config Settings = AkkaSettings();
    private static readonly long Frame = Settings.GetByteSize("akka.remote.nodes.maximum-frame-size")!.Value;
    private static readonly int GossipedTogether = Settings.GetInt("akka.cluster.distributed-data.max-delta-elements");

    private readonly ActorSystem _system = ActorSystem.Create("frames");

    public void Dispose() => _system.Dispose();

    [Theory]
    [InlineData(1_000_000, -1)]
    [InlineData(1_000_000, 0)]
    [InlineData(1_000_000, 1)]
    [InlineData(SessionPlaces.Max, 0)]
    public void Full_buckets_fit_into_a_frame_as_many_as_gossip_sends_together(int sessionsMax, int over)
    {
        int bucketMax = SessionPlaces.OfBucket(sessionsMax).WithMovedMax;
        SessionAffinityState state = SessionAffinityState.Empty(new(bucketMax, bucketMax));
        (state, _, int refused) = state.Merge([.. Enumerable.Range(0, bucketMax + over).Select(i => new Binding(new SessionId((ulong)i << 20, 1), new BackendKey(7), 1, 100))]);
        Assert.Equal(Math.Max(0, over), refused);
        Assert.Equal(Math.Min(bucketMax, bucketMax + over), state.Bucket.Count);

        int bytes = new ReplicationSerializer((ExtendedActorSystem)_system).ToBinary(new BindingBucketData(state.Bucket)).Length;
        Assert.InRange(bytes, state.Bucket.Count * Binding.Bytes, (state.Bucket.Count * Binding.Bytes) + AroundBucket);
        Assert.True(GossipedTogether * (bytes + AroundBucket) < Frame);
    }

    // One bucket may pass the bound of a tick; the next ticks wait for it.
    [Fact]
    public void What_is_pushed_while_filling_leaves_half_a_frame_to_what_owners_write_meanwhile()
    {
        const int TicksPerDelta = 8;
        int bindings = (TicksPerDelta * SessionBounds.PushedPerTickMax) + BucketId.SessionsMax(SessionPlaces.Max);
        Assert.True(bindings * Binding.Bytes < Frame / 2);
    }

    [Theory]
    [InlineData(SessionPlaces.Max - 1, true)]
    [InlineData(SessionPlaces.Max, true)]
    [InlineData(SessionPlaces.Max + 1, false)]
    public void More_sessions_than_that_cannot_be_configured(int sessions, bool allowed)
    {
        ConfigurationResult result = ConfigurationLoader.FromText("test", $$"""
            actorlb {
              node.name = "n"
              pools.web { backends = ["http://127.0.0.1:9001"], affinity.max-sessions = {{sessions}} }
              routes = [{ host = "*", path = "/", pool = web }]
            }
            """);
        Assert.Equal(allowed, !result.Mistakes.Any(m => m.ToString().Contains("max-sessions", StringComparison.Ordinal)));
    }

    private static Config AkkaSettings()
    {
        using Stream stream = typeof(SessionBounds).Assembly.GetManifestResourceStream("hocon/akka.conf")!;
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
