using ActorLb.Engine.Http1;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Listeners;

/// <summary>The limits that hold now, for who serves clients. Any thread; a request may keep what it took at its beginning.</summary>
internal sealed class LimitsInForce(LimitSettings first)
{
    private volatile Taken _now = new(first);

    public LimitSettings Settings => _now.Settings;

    public MessageLimits Messages => _now.Messages;

    /// <summary>From now on.</summary>
    public void Apply(LimitSettings next) => _now = new Taken(next);

    private sealed class Taken(LimitSettings settings)
    {
        public LimitSettings Settings { get; } = settings;

        public MessageLimits Messages { get; } = MessageLimits.From(settings);
    }
}
