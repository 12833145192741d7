using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Http2.Client;
using ActorLb.Engine.Listeners;
using ActorLb.Engine.Measurements;
using ActorLb.Engine.Routing;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// A lane's connections of HTTP/2 to backends. A call takes the first one that has room; where none has, one more is made, and all
/// who need one meanwhile wait for that. Clients in <see cref="Quarantine"/> have connections of their own. Any thread.
/// </summary>
internal sealed class Http2Connections : IDisposable
{
    /// <summary>In which nobody asks a backend again that allows no streams, in milliseconds.</summary>
    private const int NoStreamsFor = 2000;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<BackendTraffic, Backend> _backends = [];
    private readonly DataPlane _plane;
    private readonly BackendDialer _dialer;
    private readonly LimitsInForce _limits;
    private readonly ILogger _logger;
    private readonly Quarantine _quarantine;
    private readonly ITimer _timer;
    private bool _isClosed;

    public Http2Connections(DataPlane plane, LimitsInForce limits, ILogger logger)
    {
        _plane = plane;
        _logger = logger;
        _quarantine = new Quarantine(plane.Time);
        _dialer = new BackendDialer(plane, limits);
        _limits = limits;
        _timer = plane.Time.CreateTimer(static c => ((Http2Connections)c!).Look(), this, LookInterval, LookInterval);
    }

    /// <param name="client">Whose the call is.</param>
    /// <param name="gone">Nobody waits for the call any more.</param>
    public async ValueTask<DialResult<Http2Call>> OpenAsync(PoolSettings pool, BackendSnapshot backend, ClientKey client, CancellationToken gone)
    {
        while (true)
        {
            Task<DialResult<Connection>> dialing;
            lock (_lock)
            {
                Backend its = Of(backend.Traffic, pool);
                long now = SteadyClock.Now(_plane.Time);
                if (_isClosed || its.NoStreamsUntil > now)
                {
                    return new DialResult<Http2Call>(
                        null, FailureReason.BackendConnectFailed, new Http2Exception(Http2.Http2Error.RefusedStream, "the backend allows no streams"));
                }

                BackendConnections open = its.Of(client, isApart: _quarantine.Has(client));
                if (open.TryReserve(backend.Address, now, client) is { } call)
                {
                    return new DialResult<Http2Call>(call, FailureReason.None, null);
                }

                dialing = open.Dialing ??= Task.Run(() => DialAsync(pool, backend, its, open));
            }

            try
            {
                DialResult<Connection> dialed = await dialing.WaitAsync(gone).ConfigureAwait(false);
                if (dialed.Made is null)
                {
                    return new DialResult<Http2Call>(null, dialed.Failure, dialed.Cause);
                }
            }
            catch (OperationCanceledException)
            {
                return new DialResult<Http2Call>(null, FailureReason.ClientGone, null);
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Connection[] open;
        lock (_lock)
        {
            _isClosed = true;
            open = [.. _backends.Values.SelectMany(b => b.All).SelectMany(c => c.Open)];
            _backends.Clear();
        }

        foreach (Connection connection in open)
        {
            connection.Http2.Dispose();
        }
    }

    private Backend Of(BackendTraffic traffic, PoolSettings pool)
    {
        if (!_backends.TryGetValue(traffic, out Backend? its))
        {
            _backends.Add(traffic, its = new Backend());
        }

        its.IdleMax = pool.BackendIdleTimeout;
        return its;
    }

    // For all who wait, however many of them leave.
    private async Task<DialResult<Connection>> DialAsync(PoolSettings pool, BackendSnapshot backend, Backend its, BackendConnections open)
    {
        long since = _plane.Time.GetTimestamp();
        DialResult<Connection> result = await _dialer.DialAsync(
            pool, backend, client: null, (made, cancellation) => BeginAsync(pool, backend, made, cancellation), CancellationToken.None).ConfigureAwait(false);
        if (result.Made is not null)
        {
            // Requests of several routes may wait for it.
            _plane.Measurements.Connected(MeasuringSlot.Here, route: null, pool.Name, backend.Traffic, _plane.Time.GetElapsedTime(since).Ticks);
        }

        bool isLate;
        lock (_lock)
        {
            open.Dialing = null;
            bool isUseless = result.Made is { Http2.AllowsStreams: false };
            its.NoStreamsUntil = isUseless ? SteadyClock.Now(_plane.Time) + NoStreamsFor : its.NoStreamsUntil;
            isLate = isUseless || _isClosed || backend.Traffic.IsForgotten;
            if (result.Made is not null && !isLate)
            {
                open.Open.Add(result.Made);
            }
        }

        if (isLate)
        {
            result.Made?.Http2.Dispose();
        }

        return result;
    }

    private async Task<Connection> BeginAsync(PoolSettings pool, BackendSnapshot backend, DialedConnection made, CancellationToken cancellation)
    {
        var options = new Http2Options(
            pool.Http2.StreamsMax, pool.Http2.WindowBytes, pool.Http2.PingInterval, backend.Address.Scheme == Uri.UriSchemeHttps, _limits.Messages);
        Http2Connection connection =
            await Http2Connection.OpenAsync(made.Stream, options, _plane.Time, _plane.Connections.CloseBackend, c => Suspect(backend.Address, c), cancellation).ConfigureAwait(false);
        return new Connection(connection, made, backend.Address);
    }

    // Under a connection's lock, perhaps: takes none but the quarantine's.
    private void Suspect(Uri backend, ClientKey[] clients)
    {
        if (_quarantine.Enter(clients) is > 0 and var entered)
        {
            Log.Http2ConnectionEnded(_logger, backend, entered);
        }
    }

    private void Look()
    {
        var now = new List<(Http2Connection Connection, TimeSpan IdleMax)>();
        lock (_lock)
        {
            long time = SteadyClock.Now(_plane.Time);
            foreach ((BackendTraffic traffic, Backend its) in _backends)
            {
                its.LeaveApart(_quarantine);
                foreach (Connection connection in its.All.SelectMany(c => c.Open))
                {
                    if (traffic.IsForgotten || !connection.IsGood(connection.Backend, time))
                    {
                        connection.Http2.Leave();
                    }

                    now.Add((connection.Http2, its.IdleMax ?? _limits.Settings.BackendIdleTimeout));
                }

                its.RemoveClosed();
                if (its.All.All(c => c.IsUnused) && its.NoStreamsUntil <= time)
                {
                    _backends.Remove(traffic);
                }
            }
        }

        _quarantine.Look();
        now.ForEach(c => c.Connection.Look(c.IdleMax));
    }

    private sealed class Backend
    {
        /// <summary>Clients that have connections of their own here; more share others, which are apart from everybody else's.</summary>
        private const int ApartMax = 64;

        private readonly BackendConnections _shared = new();
        private readonly BackendConnections _sharedApart = new();
        private readonly Dictionary<ClientKey, BackendConnections> _apart = [];

        public IEnumerable<BackendConnections> All => _apart.Values.Prepend(_sharedApart).Prepend(_shared);

        /// <summary>It has allowed none on a new connection.</summary>
        public long NoStreamsUntil { get; set; }

        /// <summary>Null: that of the node's limits.</summary>
        public TimeSpan? IdleMax { get; set; }

        /// <param name="isApart">The client is in quarantine.</param>
        public BackendConnections Of(ClientKey client, bool isApart)
        {
            if (!isApart)
            {
                return _shared;
            }

            if (!_apart.TryGetValue(client, out BackendConnections? its))
            {
                if (_apart.Count >= ApartMax)
                {
                    return _sharedApart;
                }

                _apart.Add(client, its = new BackendConnections());
            }

            return its;
        }

        /// <summary>Clients whose quarantine is over go on with everybody else.</summary>
        public void LeaveApart(Quarantine quarantine)
        {
            foreach ((ClientKey client, BackendConnections its) in _apart)
            {
                if (!quarantine.Has(client))
                {
                    its.Open.ForEach(c => c.Http2.Leave());
                }
            }
        }

        public void RemoveClosed()
        {
            foreach (BackendConnections its in All)
            {
                its.Open.RemoveAll(c => c.Http2.IsClosed);
            }

            foreach (ClientKey client in _apart.Where(a => a.Value.IsUnused).Select(a => a.Key).ToArray())
            {
                _apart.Remove(client);
            }
        }
    }

    /// <summary>The connections to one backend that the same clients share.</summary>
    private sealed class BackendConnections
    {
        public List<Connection> Open { get; } = [];

        /// <summary>Null: none is being made.</summary>
        public Task<DialResult<Connection>>? Dialing { get; set; }

        public bool IsUnused => Open.Count == 0 && Dialing is null;

        public Http2Call? TryReserve(Uri address, long now, ClientKey client)
        {
            foreach (Connection connection in Open)
            {
                if (connection.IsGood(address, now) && connection.Http2.TryReserve(client) is { } call)
                {
                    return call;
                }
            }

            return null;
        }
    }

    /// <param name="Backend">The backend's address when it was made.</param>
    private sealed record Connection(Http2Connection Http2, DialedConnection Made, Uri Backend)
    {
        /// <summary>It leads to where the backend is, and is not too old.</summary>
        public bool IsGood(Uri address, long now) => Backend == address && now < Made.DiesAt && Made.Host.LeadsTo(Made.Address);
    }
}
