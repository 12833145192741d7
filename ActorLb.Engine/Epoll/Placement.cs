using System.ComponentModel;
using System.Net;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Sessions;
using ActorLb.Engine.Traffic;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Routing;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Epoll;

/// <summary>How far an exchange is on its way to a backend.</summary>
internal enum PlacementStage : byte
{
    /// <summary>Its session's owner, or a name server, is asked.</summary>
    Asking,

    /// <summary>It waits for a place at its backend.</summary>
    Queued,
    Connecting,
    Connected,
}

/// <summary>
/// Where a request goes: its assignment, its place there, and the connection. Tells its exchange when the connection is
/// there, or why there is none. Used again with it.
/// </summary>
internal sealed class Placement(Exchange exchange)
{
    private PlaceWaiter? _waiter;
    private Assignment _assignment;
    private Attempts _attempts;
    private BackendKey _failed;

    // Of a backend that has a name: where else it may be reached.
    private IPEndPoint[] _addresses = [];
    private int _addressAt;

    // Where it has a place.
    private BackendGate? _gate;

    // Counts the requests that used this object: what was asked for another one finds that it is over.
    private int _run;

    public LaneLoop Loop => exchange.Loop;

    public PlacementStage Stage { get; private set; }

    public ref readonly Assignment Assignment => ref _assignment;

    /// <summary>The connection to the backend, also while it is connecting.</summary>
    public BackendConnection? Connection { get; private set; }

    private LaneParts Lane => Loop.Parts;

    public void Begin(PoolSnapshot pool, PoolAffinity? affinity, in PresentedTicket ticket)
    {
        _attempts = new Attempts(pool.Settings.RetryAttempts);
        Continue(Lane.Director.AssignAsync(pool, affinity, ticket, CancellationToken.None), FailureReason.NoBackend);
    }

    /// <summary>Whether another attempt is left after this failure.</summary>
    public bool MayRetry(FailureReason failure) => _attempts.HasLeft(failure);

    /// <summary>Tries again, elsewhere unless only the connection was stale.</summary>
    public void Retry(FailureReason failure)
    {
        // Whatever was asked for this attempt comes too late.
        _run++;
        _attempts.Take(failure);
        BackendSnapshot backend = _assignment.Backend!;
        if (failure == FailureReason.BackendStale)
        {
            // Closed as idle, which says nothing about the backend: a fresh connection tells whether it lives.
            Attempt(backend);
            return;
        }

        LeavePlace();
        _failed = backend.Key;
        Continue(Lane.Director.ReassignAsync(_assignment, CancellationToken.None), failure);
    }

    /// <summary>A place at the backend is the request's own now. From any thread.</summary>
    /// <param name="run">The request that waited for it: whoever gave up meanwhile has given the place back.</param>
    public void OnAdmitted(int run) => Post(run, () =>
    {
        _gate = _assignment.Backend!.Traffic.Gate;
        Attempt(_assignment.Backend);
    });

    /// <summary>The connection that was begun is there, or has failed.</summary>
    /// <param name="error">0, or an error's number, negated.</param>
    public void OnConnected(int error)
    {
        if (error != 0)
        {
            CloseConnection();
            ConnectFailed(-error);
        }
        else
        {
            Stage = PlacementStage.Connected;
            exchange.Forward(Connection!);
        }
    }

    /// <summary>Keeps the connection for others: the exchange is done with it.</summary>
    public void KeepConnection()
    {
        BackendConnection connection = Connection!;
        Connection = null;
        Loop.Backends.Keep(connection);
    }

    /// <summary>Closes the connection, if there is one; the request may be tried again.</summary>
    public void CloseConnection()
    {
        if (Connection is { } connection)
        {
            Connection = null;
            connection.Exchange = null;
            connection.Close();
        }
    }

    /// <summary>The request is over.</summary>
    public void End()
    {
        CloseConnection();
        LeavePlace();
        _run++;
        _assignment = default;
        _failed = BackendKey.None;
        Stage = PlacementStage.Asking;
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
            Ask();
            _ = AwaitAsync(assignment, otherwise);
        }
    }

    private void Ask()
    {
        Stage = PlacementStage.Asking;
        exchange.SetTimer(TimeSpan.Zero);
    }

    private async Task AwaitAsync(ValueTask<Assignment> pending, FailureReason otherwise)
    {
        int run = _run;
        Assignment assignment = default;
        try
        {
            assignment = await pending.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Lane.Logger.LogError(e, "A request failed within the balancer.");
            otherwise = FailureReason.InternalError;
        }

        Post(run, () => OnAssigned(assignment, otherwise));
    }

    private void OnAssigned(in Assignment assignment, FailureReason otherwise)
    {
        if (assignment.Backend is not null)
        {
            _assignment = assignment;
            TakePlace();
            return;
        }

        // After a failed attempt, the answer tells of that one.
        _assignment = _assignment.Pool is null ? assignment : _assignment;
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

        _waiter = new PlaceWaiter(this, _run);
        Assignment queued = _assignment;
        if (Admission.TryQueue(ref queued, _failed, _waiter))
        {
            _assignment = queued;
            Stage = PlacementStage.Queued;
            exchange.SetTimer(queued.Pool.Settings.Queue.Timeout);
        }
        else
        {
            exchange.Answer(FailureReason.QueueFull);
        }
    }

    private void Attempt(BackendSnapshot backend)
    {
        // Not queued any more, also where no connection can be begun: the place is left once.
        Stage = PlacementStage.Connecting;
        backend.Traffic.Began();
        if (Loop.Backends.Take(backend.Traffic) is { } kept)
        {
            kept.Exchange = exchange;
            Connection = kept;
            Stage = PlacementStage.Connected;
            exchange.Forward(kept);
        }
        else if (Lane.Addresses.Find(backend.Address) is { } address)
        {
            _addresses = [];
            Connect(backend, address);
        }
        else
        {
            Stage = PlacementStage.Asking;
            exchange.SetTimer(Lane.Limits.ConnectTimeout);
            _ = LookUpAsync(backend);
        }
    }

    private async Task LookUpAsync(BackendSnapshot backend)
    {
        int run = _run;
        IPEndPoint[] addresses = await BackendAddresses.LookUpAsync(backend.Address).ConfigureAwait(false);
        Post(run, () =>
        {
            _addresses = addresses;
            _addressAt = 0;
            if (addresses.Length == 0)
            {
                exchange.Fail(FailureReason.BackendConnectFailed);
            }
            else
            {
                Connect(backend, addresses[0]);
            }
        });
    }

    /// <summary>Goes on with the request on its loop's thread, if it is still the same by then.</summary>
    private void Post(int run, Action work) => Loop.Events.Post(() =>
    {
        if (_run != run)
        {
            return;
        }

        try
        {
            work();
        }
        catch
        {
            exchange.OnFault();
            throw;
        }
    });

    /// <param name="error">Its number.</param>
    private void ConnectFailed(int error)
    {
        if (++_addressAt < _addresses.Length)
        {
            Connect(_assignment.Backend!, _addresses[_addressAt]);
        }
        else
        {
            exchange.Fail(FailureReason.BackendConnectFailed, new Win32Exception(error));
        }
    }

    private void Connect(BackendSnapshot backend, IPEndPoint address)
    {
        int socket = Loop.Events.Sockets.Connect(address);
        if (socket < 0)
        {
            ConnectFailed(-socket);
            return;
        }

        Connection = Loop.Backends.New(backend.Traffic);
        Connection.Exchange = exchange;
        Stage = PlacementStage.Connecting;
        Loop.Events.Register(Connection, socket);
        exchange.SetTimer(Lane.Limits.ConnectTimeout);
    }

    private void LeavePlace()
    {
        if (Stage == PlacementStage.Queued && !_assignment.Backend!.Traffic.Gate.Abandon(_waiter!))
        {
            // The place was given in this moment.
            _assignment.Backend.Traffic.Gate.Leave();
        }

        _gate?.Leave();
        _gate = null;
    }
}
