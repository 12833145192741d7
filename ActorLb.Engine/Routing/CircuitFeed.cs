using System.Threading.Channels;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Routing;

/// <summary>
/// Backends whose circuit this node just opened or that it wants probed, to the control plane. What is dropped is found
/// in <see cref="BackendTraffic"/>, which says what there is to do.
/// </summary>
public sealed class CircuitFeed
{
    private const int Length = 1024;

    private readonly Channel<BackendName> _changed = Channel.CreateBounded<BackendName>(
        new BoundedChannelOptions(Length) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    public ChannelReader<BackendName> Changed => _changed.Reader;

    public void Offer(BackendName backend) => _changed.Writer.TryWrite(backend);
}
