using ActorLb.Engine.Exchanges;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// Where a request goes: its assignment, and its place there. Has the backend dialled once it has both, or tells its
/// exchange why it has not. Used again with it.
/// </summary>
internal sealed class Placement(Exchange exchange, BackendDial dial)
{
    private PlaceWaiter? _waiter;
    private Assignment _assignment;
    private Attempts _attempts;
    private BackendKey _failed;

    // Where it has a place.
    private BackendGate? _gate;

    /// <summary>It waits for a place at its backend.</summary>
    public bool IsQueued { get; private set; }

    public ref Assignment Assignment => ref _assignment;

    public ref Attempts Attempts => ref _attempts;

    private LaneParts Lane => exchange.Lane;

    public void Begin(PoolSnapshot pool) =>
        Continue(Lane.Life.AssignAsync(exchange.Facts, pool, exchange.Client.Owned is { IsAuthenticated: true } own ? own.OwnedAt : null, CancellationToken.None), FailureReason.NoBackend);

    /// <summary>Tries again: where the director says, unless it was only the connection's affair.</summary>
    public void Retry(FailureReason failure)
    {
        BackendSnapshot backend = _assignment.Backend!;
        if (_attempts.TakeStay(failure))
        {
            Attempt(backend);
            return;
        }

        LeavePlace();
        _failed = backend.Key;
        Continue(Lane.Life.ReassignAsync(exchange.Facts, failure, CancellationToken.None), failure);
    }

    /// <summary>A place at the backend is the request's own now. From any thread.</summary>
    /// <param name="attempt">That waited for it: whoever gave up meanwhile has given the place back.</param>
    public void OnAdmitted(int attempt) => exchange.Post(attempt, () =>
    {
        BackendSnapshot backend = _assignment.Backend!;
        EndWait();
        _gate = backend.Traffic.Gate;
        ValueTask<Assignment> now = Lane.Life.AfterQueueAsync(exchange.Facts, CancellationToken.None);
        if (now.IsCompletedSuccessfully && ReferenceEquals(now.Result.Backend, backend))
        {
            Attempt(backend);
            return;
        }

        LeavePlace();

        // It has only waited there: nothing of it is that backend's.
        _assignment = _assignment with { Backend = null };
        Continue(now, FailureReason.NoBackend);
    });

    /// <summary>The request is over.</summary>
    public void End()
    {
        LeavePlace();
        _assignment = default;
        _failed = BackendKey.None;
    }

    /// <param name="otherwise">What is answered where there is no backend.</param>
    private void Continue(ValueTask<Assignment> assignment, FailureReason otherwise)
    {
        if (assignment.IsCompletedSuccessfully)
        {
            OnAssigned(assignment.Result, otherwise);
        }
        else
        {
            exchange.SetTimer(TimeSpan.Zero);
            _ = AwaitAsync(assignment, otherwise);
        }
    }

    private async Task AwaitAsync(ValueTask<Assignment> pending, FailureReason otherwise)
    {
        int attempt = exchange.AttemptNumber;
        Assignment assignment = default;
        try
        {
            assignment = await pending.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Forwarding.Log.RequestFailedWithin(Lane.Logger, e);
            otherwise = FailureReason.InternalError;
        }

        exchange.Post(attempt, () => OnAssigned(assignment, otherwise));
    }

    private void OnAssigned(in Assignment assignment, FailureReason otherwise)
    {
        if (assignment.Backend is not null)
        {
            RequestLife.Assign(exchange.Facts, assignment, _failed, otherwise);
            TakePlace();
            return;
        }

        // After a failed attempt, the answer tells of that one.
        _assignment = _assignment.Backend is null && assignment.Pool is not null ? assignment : _assignment;
        exchange.Answer(otherwise);
    }

    private void TakePlace()
    {
        if (Admission.TryEnter(ref _assignment, _failed))
        {
            _gate = _assignment.Backend!.Traffic.Gate;
            Attempt(_assignment.Backend);
            return;
        }

        _waiter = new PlaceWaiter(this, exchange.AttemptNumber) { QueuedAt = Lane.Plane.Time.GetTimestamp() };
        Assignment queued = _assignment;
        if (Admission.TryQueue(ref queued, _failed, _waiter))
        {
            _assignment = queued;
            IsQueued = true;
            exchange.SetTimer(queued.Pool.Settings.Queue.Timeout);
        }
        else
        {
            exchange.Answer(FailureReason.QueueFull);
        }
    }

    private void Attempt(BackendSnapshot backend)
    {
        Lane.Life.Measured.Attempts(exchange.Facts, backend);
        dial.Begin(backend);
    }

    private void LeavePlace()
    {
        if (IsQueued && !_assignment.Backend!.Traffic.Gate.Abandon(_waiter!))
        {
            // The place was given in this moment.
            _assignment.Backend.Traffic.Gate.Leave();
        }

        EndWait();
        _gate?.Leave();
        _gate = null;
    }

    private void EndWait()
    {
        if (IsQueued)
        {
            IsQueued = false;
            Lane.Life.Measured.Queued(exchange.Facts, _assignment.Backend!.Traffic, _waiter!.QueuedAt);
        }
    }
}
