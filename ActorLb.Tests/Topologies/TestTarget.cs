using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Topologies;

/// <summary>Goes by a topology, or fails as it is told to.</summary>
internal sealed class TestTarget(Topology first) : ITopologyTarget
{
    public Topology InForce { get; private set; } = first;

    /// <summary>Thrown instead of preparing.</summary>
    public Exception? PrepareFails { get; set; }

    /// <summary>Thrown instead of going over.</summary>
    public Exception? CommitFails { get; set; }

    /// <summary>Awaited before going over.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public int Prepared { get; private set; }

    public int Committed { get; private set; }

    /// <summary>Prepared and not disposed.</summary>
    public int Open { get; private set; }

    public IPreparedTopology Prepare(Topology next)
    {
        Prepared++;
        return PrepareFails is { } failure ? throw failure : new Step(this, next);
    }

    private sealed class Step : IPreparedTopology
    {
        private readonly TestTarget _target;
        private readonly Topology _next;

        public Step(TestTarget target, Topology next)
        {
            _target = target;
            _next = next;
            target.Open++;
        }

        public async Task CommitAsync()
        {
            await _target.Hold;
            if (_target.CommitFails is { } failure)
            {
                throw failure;
            }

            _target.InForce = _next;
            _target.Committed++;
        }

        public ValueTask DisposeAsync()
        {
            _target.Open--;
            return ValueTask.CompletedTask;
        }
    }
}
