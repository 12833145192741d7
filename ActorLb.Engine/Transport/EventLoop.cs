using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace ActorLb.Engine.Transport;

/// <summary>
/// One thread's sockets, timers and buffers. Everything that it owns is touched by its own thread only; others
/// <see cref="Post"/>. What throws costs the source that it was about, never the loop.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private const int EventsPerWait = 256;

    /// <summary>They take a tenth of a millisecond together: bytes are on their way between two machines for longer.</summary>
    private const int FewEvents = 8;

    private readonly TimeProvider _time;
    private readonly Action<Exception> _faults;
    private readonly ReadyEvent[] _events = new ReadyEvent[EventsPerWait];
    private readonly List<Entry> _entries = [];
    private readonly Stack<int> _free = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Queue<EventSource> _resuming = new();
    private readonly double _millisecondsPerTick;
    private readonly Lock _waking = new();
    private readonly Action<TimedEntry, Exception> _timerFaults;
    private SocketPoller _poller;
    private int _wakePending;

    // News of the last wait, while they are dealt with, and which of them is; else as many as there can be.
    private int _found = int.MaxValue;
    private int _at;
    private bool _disposed;
    private volatile bool _stopping;

    /// <param name="faults">Hears what threw.</param>
    public EventLoop(SocketPoller poller, TimeProvider time, Action<Exception> faults)
    {
        _poller = poller;
        _time = time;
        _faults = faults;
        _timerFaults = Fault;
        _millisecondsPerTick = 1000.0 / time.TimestampFrequency;
        LookAtClock();
        Timers = new TimerWheel(Now);
    }

    public SocketPoller Sockets => _poller;

    public TimerWheel Timers { get; }

    public BufferPool Buffers { get; } = new();

    /// <summary>Milliseconds, as of when the loop last woke up.</summary>
    public long Now { get; private set; }

    /// <summary>The same as a timestamp of the time provider.</summary>
    public long Timestamp { get; private set; }

    /// <summary>Sources that are registered.</summary>
    public int Count => _entries.Count - _free.Count;

    /// <summary>Takes the source in: it hears of its socket from now on.</summary>
    public void Register(EventSource source, int socket)
    {
        Take(source, socket);
        _poller.Add(socket, TagOf(source));
    }

    public void RegisterListener(EventSource source, int socket)
    {
        Take(source, socket);
        _poller.AddListener(socket, TagOf(source));
    }

    /// <summary>No news of a listening socket until <see cref="ResumeListener"/>.</summary>
    public void PauseListener(EventSource source) => _poller.Remove(source.Socket);

    public void ResumeListener(EventSource source) => _poller.AddListener(source.Socket, TagOf(source));

    /// <summary>Closes the source's socket and lets go of it. News that are on their way find nobody.</summary>
    public void Close(EventSource source, bool reset = false)
    {
        int socket = Release(source);
        if (socket >= 0)
        {
            _poller.Close(socket, reset);
        }
    }

    /// <summary>The same where the socket lives on elsewhere: this loop hears no more of it.</summary>
    public int Detach(EventSource source)
    {
        _poller.Remove(source.Socket);
        return Release(source);
    }

    /// <summary>Lets go of the source; its socket stays open and is the caller's.</summary>
    public int Release(EventSource source)
    {
        Timers.Remove(source);
        int socket = source.Socket;
        if (source.Slot >= 0)
        {
            ref Entry entry = ref CollectionsMarshal.AsSpan(_entries)[source.Slot];
            entry.Source = null;
            entry.Generation++;
            _free.Push(source.Slot);
            source.Slot = -1;
        }

        source.Socket = -1;
        return socket;
    }

    /// <summary>Lets the others have their turn first: for sources that could go on for long.</summary>
    public void Resume(EventSource source)
    {
        if (!source.IsResuming)
        {
            source.IsResuming = true;
            _resuming.Enqueue(source);
        }
    }

    /// <summary>Runs something on the loop's thread. From any thread.</summary>
    public void Post(Action work)
    {
        _posted.Enqueue(work);
        if (Interlocked.Exchange(ref _wakePending, 1) == 0)
        {
            // Somebody may be late: the number of a closed descriptor is soon another file's.
            lock (_waking)
            {
                if (!_disposed)
                {
                    _poller.Wake();
                }
            }
        }
    }

    /// <summary>
    /// Whether something may have come over a socket that its source has not heard of: its news stand behind those that are
    /// dealt with now, or the last wait is longer ago than a few of them take.
    /// </summary>
    public bool MayHaveNews(EventSource source)
    {
        if (_found > FewEvents)
        {
            return true;
        }

        ulong tag = TagOf(source);
        for (int i = _at + 1; i < _found; i++)
        {
            if (_events[i].Tag == tag)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Asked where the loop itself failed, and not one of its sources: whether it can go on. Null: it cannot.</summary>
    public Func<Exception, bool>? Recover { get; set; }

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    public void Run()
    {
        while (!_stopping)
        {
            try
            {
                while (!_stopping)
                {
                    RunOnce(_resuming.Count > 0 ? 0 : Timers.Delay(Now));
                }
            }
            catch (Exception e)
            {
                if (Recover is not { } recover || !recover(e))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Closes all sources that are left, and goes on with another poller. On the loop's thread.</summary>
    public void Restart(SocketPoller poller)
    {
        foreach (EventSource source in _entries.Select(e => e.Source).OfType<EventSource>().ToArray())
        {
            Close(source, reset: true);
        }

        SocketPoller old = _poller;
        lock (_waking)
        {
            _poller = poller;
        }

        old.Dispose();

        // Whoever woke the old one is not to wait.
        poller.Wake();
    }

    public void Stop() => Post(() => _stopping = true);

    /// <summary>One round: waits for news, then deals with all of them.</summary>
    public void RunOnce(int milliseconds)
    {
        _found = _poller.Wait(_events, milliseconds);
        LookAtClock();
        for (_at = 0; _at < _found; _at++)
        {
            Dispatch(_events[_at]);
        }

        _found = int.MaxValue;

        if (Volatile.Read(ref _wakePending) != 0)
        {
            RunPosted();
        }

        for (int resuming = _resuming.Count; resuming > 0; resuming--)
        {
            ResumeNext();
        }

        Timers.Advance(Now, _timerFaults);
    }

    public void Dispose()
    {
        lock (_waking)
        {
            _disposed = true;
        }

        Buffers.Dispose();
        _poller.Dispose();
    }

    private static ulong TagOf(int slot, uint generation) => ((ulong)generation << 32) | (uint)slot;

    private ulong TagOf(EventSource source) => TagOf(source.Slot, _entries[source.Slot].Generation);

    private void Take(EventSource source, int socket)
    {
        if (!_free.TryPop(out int slot))
        {
            slot = _entries.Count;
            _entries.Add(default);
        }

        CollectionsMarshal.AsSpan(_entries)[slot].Source = source;
        source.Slot = slot;
        source.Socket = socket;
    }

    private void Dispatch(in ReadyEvent ready)
    {
        if (ready.Tag == SocketPoller.WakeTag)
        {
            return;
        }

        Entry entry = _entries[(int)(uint)ready.Tag];
        if (entry.Source is not { } source || entry.Generation != (uint)(ready.Tag >> 32))
        {
            return;
        }

        try
        {
            source.OnReady(ready.Readiness);
        }
        catch (Exception e)
        {
            Fault(source, e);
        }
    }

    private void ResumeNext()
    {
        EventSource source = _resuming.Dequeue();
        source.IsResuming = false;
        if (source.Slot < 0)
        {
            return;
        }

        try
        {
            source.OnResume();
        }
        catch (Exception e)
        {
            Fault(source, e);
        }
    }

    private void RunPosted()
    {
        // Before the queue is emptied: who posts from now on wakes the loop once more.
        Volatile.Write(ref _wakePending, 0);
        Interlocked.MemoryBarrier();
        while (_posted.TryDequeue(out Action? work))
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                Tell(e);
            }
        }
    }

    // Who tells of a fault is not to be one.
    private void Tell(Exception fault)
    {
        try
        {
            _faults(fault);
        }
        catch
        {
            // Nobody can be told.
        }
    }

    private void Fault(TimedEntry entry, Exception exception)
    {
        Tell(exception);
        try
        {
            entry.OnFault();
        }
        catch (Exception e)
        {
            Tell(e);
            if (entry is EventSource source)
            {
                Close(source, reset: true);
            }
        }
    }

    private void LookAtClock()
    {
        Timestamp = _time.GetTimestamp();
        Now = (long)(Timestamp * _millisecondsPerTick);
    }

    private struct Entry
    {
        public EventSource? Source;
        public uint Generation;
    }
}
