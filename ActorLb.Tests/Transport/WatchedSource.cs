using ActorLb.Engine.Transport;

namespace ActorLb.Tests.Transport;

/// <summary>A source that keeps what it hears and does what its test says.</summary>
internal sealed class WatchedSource : EventSource
{
    public List<Readiness> Heard { get; } = [];

    public int Resumed { get; private set; }

    public int Faults { get; private set; }

    public Action OnNews { get; set; } = () => { };

    public Action OnTurn { get; set; } = () => { };

    public Action OnDeadline { get; set; } = () => { };

    public Action OnFailure { get; set; } = () => { };

    protected internal override void OnReady(Readiness readiness)
    {
        Heard.Add(readiness);
        OnNews();
    }

    protected internal override void OnResume()
    {
        Resumed++;
        OnTurn();
    }

    protected internal override void OnFault()
    {
        Faults++;
        OnFailure();
    }

    protected internal override void OnDue() => OnDeadline();
}
