using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.States;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Storage;

/// <summary>
/// What of a node outlives its process: bindings, ticket keys and operator states, in one SQLite file of the data
/// directory. Bindings are written behind, states at once. Whatever happens to the file, the node goes on, and what
/// is not written yet is tried again: the tables in memory are the truth, the file follows. Who saves a state does not wait
/// for the disk, which may take its time.
/// </summary>
internal sealed class NodeStore : IStateStore, IBindingStore, IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Longer than a killed process takes to vanish, so that a restart in its place finds the file free.</summary>
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(3);

    private readonly DataPlane _plane;
    private readonly TimeProvider _time;
    private readonly StoreFile _file;
    private readonly StateCells _states = new();
    private readonly StateWriter _writer;
    private readonly BindingWriter _bindings = new();
    private readonly StorageLog _log;
    private readonly Lock _gate = new();
    private readonly RegularFlush _flushing;
    private NodeDatabase? _database;
    private byte[] _identity = [];
    private DateTimeOffset _retryAt;
    private int _isAsked;
    private bool _off;
    private bool _isClosed;
    private bool _isStarted;

    // Found at the last try; opening it again would find the same.
    private bool _isDamaged;

    public NodeStore(DataPlane plane, ILogger<NodeStore> logger, TimeProvider time)
    {
        _plane = plane;
        _time = time;
        _flushing = new RegularFlush(plane.Settings.FlushInterval, time, Flush);
        _file = new StoreFile(plane.Settings.DataDirectory);
        _bindings.Follow(Sticky());
        _log = new StorageLog(logger, time, _file.Path);
        _writer = new StateWriter(WriteStatesNow);
    }

    public StorageStatus Status => _log.Status(_file.Bytes);

    /// <summary>Why nothing is written behind any more; null: it is, or is tried again.</summary>
    public string? Failure => _flushing.Failure is { } failure ? $"writing behind has ended: {failure}" : null;

    /// <summary>Called at the start when the states of the file are known, and before its bindings are read: they are of the pools that are in force.</summary>
    public Action? StatesRead { get; set; }

    /// <summary>Whether there is a file of an earlier run.</summary>
    public bool Exists => _file.Exists;

    /// <summary>For tests of a full disk.</summary>
    internal long PageCountMax { get; set; }

    /// <summary>For tests of a disk that does not answer, or refuses: called before states are written.</summary>
    internal Action? BeforeWrite { get; set; }

    /// <summary>
    /// Reads the file into the tables and begins to write behind. A file that cannot be used is reported by
    /// <see cref="Status"/> and the log, and tried again.
    /// </summary>
    /// <exception cref="IOException">
    /// Another process has the file: two nodes must not share a data directory. Or it is a symbolic link.
    /// </exception>
    public void Start()
    {
        _file.RefuseLinks();
        lock (_gate)
        {
            try
            {
                Open(BusyTimeout, atStart: true);
            }
            catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
            {
                throw new IOException($"{_file.Path} is in use by another process: each node needs a data-dir of its own", e);
            }
            catch (Exception e) when (IsOfStorage(e))
            {
                Fail(e);
            }

        }

        _isStarted = true;

        _flushing.Start();
    }

    /// <inheritdoc/>
    public byte[]? State(string name) => _states.Get(name);

    /// <inheritdoc/>
    public Task SaveAsync(string name, byte[] value)
    {
        _states.Set(name, value);
        return _writer.WriteAsync();
    }

    /// <inheritdoc/>
    public bool IsKept(string name) => _states.IsWritten(name);

    /// <inheritdoc/>
    public bool IsWritten(string pool, in Binding binding)
    {
        if (!_gate.TryEnter())
        {
            return false;
        }

        try
        {
            return _database is not null && _bindings.IsWritten(pool, binding);
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <inheritdoc/>
    public void WriteSoon()
    {
        if (Interlocked.Exchange(ref _isAsked, 1) == 0)
        {
            _ = Task.Run(() =>
            {
                // What comes from here on asks for another one.
                Volatile.Write(ref _isAsked, 0);
                Flush();
            });
        }
    }

    /// <summary>Writes what is not written yet. Called regularly from <see cref="Start"/> on.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            try
            {
                if (_off || _isClosed || !Reopen())
                {
                    return;
                }

                WriteStates(_database!);
                _bindings.Follow(Sticky());
                _bindings.Flush(_database!);
                _log.Written();
            }
            catch (Exception e)
            {
                // Whatever it is, it must not end writing behind for good.
                Fail(e);
            }
        }
    }

    /// <summary>Stops writing behind, after a last time.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!await _flushing.StopAsync())
        {
            return;
        }

        await _flushing.DisposeAsync();

        // The file of a store that could not start is another's.
        if (_isStarted)
        {
            Flush();
        }

        lock (_gate)
        {
            _isClosed = true;
            Close();
        }
    }

    private static bool IsOfStorage(Exception e) =>
        e is SqliteException or IOException or UnauthorizedAccessException or NewerFileException;

    private bool Reopen()
    {
        if (_database is not null && _file.Exists)
        {
            return true;
        }

        if (_database is null && _time.GetUtcNow() < _retryAt)
        {
            return false;
        }

        Close();
        if (_isDamaged)
        {
            SetAside("");
        }

        Open(TimeSpan.Zero, atStart: false);
        return _database is not null;
    }

    private void Open(TimeSpan busyTimeout, bool atStart)
    {
        _file.Prepare();
        string? damage;
        try
        {
            _database = NodeDatabase.Open(_file.Path, busyTimeout, PageCountMax);
            if (_database.Identity is { } identity && identity.AsSpan().SequenceEqual(_identity))
            {
                return;
            }

            LoadedFile loaded = FileLoad.Read(_database, StateNames.All, IsExpired);
            damage = _states.Load(loaded.States) ?? loaded.Damage;
            if (atStart)
            {
                StatesRead?.Invoke();
                _bindings.Follow(Sticky());
            }

            _bindings.Load(loaded, atStart);
            foreach (string pool in loaded.Pools.Keys.Where(p => !_plane.Tables.ContainsKey(p)))
            {
                _log.Note($"dropped the bindings of pool {pool}, which is no longer configured; its tickets still say where its sessions live");
                _database.Write(durable: false, d => d.DeletePool(pool));
            }
        }
        catch (SqliteException e) when (e.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB)
        {
            damage = e.Message;
        }

        if (damage is not null)
        {
            StartAnew(damage);
        }

        _identity = _database!.Identity ?? [];
    }

    // What could be read is in memory and is written into the new file; the old one stays for whoever wants to look.
    private void StartAnew(string damage)
    {
        Close();
        SetAside($" ({damage})");
        _file.Prepare();
        _database = NodeDatabase.Open(_file.Path, TimeSpan.Zero, PageCountMax);
    }

    // May fail as everything about a disk may, and is tried again then.
    private void SetAside(string damage)
    {
        _isDamaged = true;
        if (_file.Exists)
        {
            _log.Note($"it is damaged{damage} and was set aside as {_file.SetAside()}; what is missing comes from the other nodes");
        }

        _isDamaged = false;
        _bindings.Forget();
        _states.MarkUnwritten();
        _identity = [];
    }

    // Called where something failed already: touches no file, so that nothing else can.
    private void Fail(Exception cause)
    {
        Close();
        if (cause is NewerFileException)
        {
            _off = true;
            _log.Off(cause.Message);
            return;
        }

        _log.Failed(cause.Message);
        _retryAt = _time.GetUtcNow() + RetryInterval;
        if (cause is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB })
        {
            // It is set aside at the next try; everything that is in it is also in memory.
            _isDamaged = true;
        }
    }

    private void Close()
    {
        try
        {
            _database?.Dispose();
        }
        catch (SqliteException)
        {
            // It is closed all the same.
        }

        _database = null;
    }

    private void WriteStatesNow()
    {
        lock (_gate)
        {
            if (_database is null)
            {
                throw new IOException($"{_file.Path} cannot be written now ({Status.Detail}); it is tried again");
            }

            try
            {
                WriteStates(_database);
            }
            catch (Exception e) when (IsOfStorage(e))
            {
                Fail(e);
                throw new IOException($"{_file.Path} could not be written: {e.Message}", e);
            }
        }
    }

    // A pool that has come since the tables were made is kept with the next flush.
    private IEnumerable<KeyValuePair<string, BindingTable>> Sticky()
    {
        Topology topology = _plane.Topology;
        return _plane.Tables.Where(t => topology.Pools.GetValueOrDefault(t.Key)?.Affinity.IsSticky == true);
    }

    private void WriteStates(NodeDatabase database)
    {
        if (_states.Unwritten is { Length: > 0 } unwritten)
        {
            BeforeWrite?.Invoke();
            database.Write(durable: true, d =>
            {
                foreach (UnwrittenState state in unwritten)
                {
                    d.PutState(state.Name, state.Sealed);
                }
            });
            _states.MarkWritten(unwritten);
        }
    }

    private bool IsExpired(string pool, Binding binding) =>
        _plane.Topology.Pools.TryGetValue(pool, out PoolSettings? settings)
        && binding.IsExpired(_plane.Clock.Ending, settings.Affinity.IdleTimeout);
}
