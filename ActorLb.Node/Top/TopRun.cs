using System.Threading.Channels;
using ActorLb.Node.Cli;
using ActorLb.Shared.Backends;
using Spectre.Console;

namespace ActorLb.Node.Top;

/// <summary>
/// Draws what nodes tell until whoever looks has seen enough, and gives the terminal back as it was. What comes from elsewhere, keys included, is a turn
/// of one loop.
/// </summary>
internal sealed class TopRun(CommandContext context, IAnsiConsole console, TopTerminal terminal, TopFeed feed, TimeSpan interval)
{
    /// <summary>How soon a terminal of another size is drawn anew.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>ECMA-48, 8.3.39.</summary>
    private const int EntireScreen = 2;

    private static readonly TimeSpan SessionsInterval = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan BackendInterval = TimeSpan.FromSeconds(1);

    /// <summary>Pictures come each second: beyond this, the last one is old.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(3);

    /// <summary>For who looked away meanwhile.</summary>
    private static readonly TimeSpan MovedIsTold = TimeSpan.FromSeconds(30);

    private readonly Channel<Action> _turns = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TopClock _drawn = new(context.Time);
    private readonly TopClock _heard = new(context.Time);
    private readonly TopClock _asked = new(context.Time);
    private readonly TopClock _askedBackend = new(context.Time);
    private readonly TopClock _moved = new(context.Time);
    private readonly Queue<TopEvent> _untakenEvents = new();
    private TopState _state = new(TopView.Backends);
    private TopFacts _facts = TopFacts.None;
    private TopFacts _shown = TopFacts.None;
    private TopExtent _extent = TopExtent.Nothing;
    private (int Width, int Height) _size;
    private bool _isDirty = true;
    private bool _isAsking;
    private Told? _untaken;
    private string? _silence;
    private TimeSpan _silentFor;

    /// <exception cref="AdminException">No node answers, or one refuses.</exception>
    public async Task RunAsync(TopState state, CancellationToken cancellation)
    {
        _state = state;
        _heard.Start();
        using StopSignals signals = context.CatchSignals(HangUp.EndsWithTerminal);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, signals.Requested);
        using var suspension = new Suspension(() => console.WriteAnsi(static w => w.ExitAltScreen().ShowCursor()), () => Post(ComeBack));
        using ITimer looks = context.Time.CreateTimer(_ => Post(static () => { }), null, LookInterval, LookInterval);
        Task follows = FollowAsync(ending.Token);
        Task events = FollowEventsAsync(ending.Token);
        ReadKeys();
        console.WriteAnsi(static w => w.EnterAltScreen());
        try
        {
            await console.Live(new TopScreen(TopFrame.Of(_state, _facts, console.Profile.Width, console.Profile.Height)))
                .Overflow(VerticalOverflow.Crop)
                .AutoClear(true)
                .StartAsync(screen => DrawAsync(screen, follows, ending.Token));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Ctrl+C, or the end of its terminal.
        }
        finally
        {
            console.WriteAnsi(static w => w.ExitAltScreen().ShowCursor());
            await ending.CancelAsync();
            await Task.WhenAll(follows, events).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private void ComeBack()
    {
        console.WriteAnsi(static w => w.EnterAltScreen().HideCursor());
        _size = default;
    }

    private async Task DrawAsync(LiveDisplayContext screen, Task follows, CancellationToken cancellation)
    {
        while (!_state.IsOver)
        {
            if (follows.IsCompleted)
            {
                await follows;
            }

            Look(cancellation);
            if (_isDirty)
            {
                TopFrame frame = TopFrame.Of(_state, _shown with { Silence = _silence, SilentFor = _silentFor }, _size.Width, _size.Height);
                _extent = frame.Extent;
                screen.UpdateTarget(new TopScreen(frame));
                _isDirty = false;
            }

            (await _turns.Reader.ReadAsync(cancellation))();

            // What a key means goes by what is in sight: each has a frame of its own.
            while (!_isDirty && _turns.Reader.TryRead(out Action? turn))
            {
                turn();
            }
        }
    }

    // Whether anything to be seen is different.
    private void Look(CancellationToken cancellation)
    {
        if ((console.Profile.Width, console.Profile.Height) is var size && size != _size)
        {
            _size = size;
            _isDirty = true;
            // What Clear does would take the lines with it that were there before us.
            console.WriteAnsi(static w => w.EraseInDisplay(EntireScreen).CursorHome());
        }

        // A page that was just opened is not kept waiting.
        bool isAwaited = _state.View == TopView.Backend && _shown.BackendAsked != _state.Opened && _facts.BackendAsked == _state.Opened && (_facts.Backend ?? (object?)_facts.BackendProblem) is not null;
        if (!ReferenceEquals(_shown, _facts) && (isAwaited || (!_state.IsHeld && _drawn.IsPast(interval - LookInterval))))
        {
            _shown = _facts;
            _drawn.Start();
            _isDirty = true;
        }

        if (_facts.Picture is not null && _heard.IsPast(StaleAfter))
        {
            TimeSpan silentFor = TimeSpan.FromSeconds(Math.Floor(_heard.Elapsed.TotalSeconds));
            _silence ??= $"nothing comes from {_facts.From}";
            _isDirty |= silentFor != _silentFor;
            _silentFor = silentFor;
        }

        if (_facts.Moved is not null && _moved.IsPast(MovedIsTold))
        {
            _facts = _facts with { Moved = null };
        }

        if (_state is { View: TopView.Backend, Opened: { } opened })
        {
            AskBackend(opened, cancellation);
        }

        if (_state.View == TopView.Sessions && _asked.IsPast(SessionsInterval))
        {
            _asked.Start();
            _ = AskSessionsAsync(cancellation);
        }
    }

    private async Task FollowAsync(CancellationToken cancellation) => await feed.LiveAsync(
        (from, picture) =>
        {
            // Of pictures that come faster than they are taken the last one counts.
            if (Interlocked.Exchange(ref _untaken, new Told(from, picture)) is null)
            {
                Post(TakePicture);
            }
        },
        why => Post(() =>
        {
            _silence = why;
            _silentFor = _heard.Elapsed;
            _isDirty = true;
        }),
        cancellation);

    private void TakePicture()
    {
        (Uri from, LivePicture picture) = Interlocked.Exchange(ref _untaken, null)!;
        if (_facts is { Picture: { } before, From: { } left } && left != from)
        {
            _facts = _facts with { Moved = $"to {picture.Node} at {from}, which is asked now: {before.Node} is silent" };
            _moved.Start();
        }

        _facts = _facts with { Picture = picture, From = from };
        _heard.Start();
        _isDirty |= _silence is not null;
        _silence = null;
    }

    private async Task FollowEventsAsync(CancellationToken cancellation)
    {
        try
        {
            await feed.EventsAsync(TakeLater, static _ => { }, cancellation);
        }
        catch (AdminException e)
        {
            Post(() => _facts = _facts with { EventsProblem = e.Message });
        }
    }

    // More than are kept are not held either, however fast they come.
    private void TakeLater(TopEvent one)
    {
        bool isFirst;
        lock (_untakenEvents)
        {
            isFirst = _untakenEvents.Count == 0;
            if (_untakenEvents.Count == TopFacts.EventsMax)
            {
                _untakenEvents.Dequeue();
            }

            _untakenEvents.Enqueue(one);
        }

        if (isFirst)
        {
            Post(TakeEvents);
        }
    }

    private void TakeEvents()
    {
        TopEvent[] events;
        lock (_untakenEvents)
        {
            events = [.. _untakenEvents];
            _untakenEvents.Clear();
        }

        _facts = events.Aggregate(_facts, static (facts, one) => facts.With(one));
    }

    private void AskBackend(BackendName backend, CancellationToken cancellation)
    {
        if (_facts.BackendAsked == backend && (_isAsking || !_askedBackend.IsPast(BackendInterval)))
        {
            return;
        }

        _facts = _facts.Asking(backend);
        _askedBackend.Start();
        _isAsking = true;
        _ = AskBackendAsync(backend, cancellation);
    }

    private async Task AskBackendAsync(BackendName backend, CancellationToken cancellation)
    {
        try
        {
            var told = await feed.BackendAsync(backend, cancellation);
            Take(backend, facts => facts with { Backend = told, BackendProblem = null });
        }
        catch (AdminException e)
        {
            // What was told before holds where nobody answers, and not where one says that there is no such backend.
            Take(backend, facts => facts with { Backend = e.AnotherMayAnswer ? facts.Backend : null, BackendProblem = e.Message });
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // It is over.
        }
    }

    // Of one that was left meanwhile nothing is taken.
    private void Take(BackendName backend, Func<TopFacts, TopFacts> with) => Post(() =>
    {
        if (_facts.BackendAsked == backend)
        {
            _facts = with(_facts);
            _isAsking = false;
        }
    });

    private async Task AskSessionsAsync(CancellationToken cancellation)
    {
        try
        {
            var sessions = await feed.SessionsAsync(cancellation);
            Post(() => _facts = _facts with { Sessions = sessions, SessionsProblem = null });
        }
        catch (AdminException e)
        {
            Post(() => _facts = _facts with { SessionsProblem = e.Message });
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // It is over.
        }
    }

    // Nothing ends a wait for a key but a key: the thread ends with the process.
    private void ReadKeys()
    {
        if (terminal.ReadKey is { } readKey)
        {
            new Thread(() => Read(readKey)) { IsBackground = true, Name = "keys" }.Start();
        }

        void Read(Func<ConsoleKeyInfo> readKey)
        {
            try
            {
                while (!_state.IsOver)
                {
                    ConsoleKeyInfo key = readKey();
                    Post(() =>
                    {
                        _state = _state.Press(key, _extent);
                        _isDirty = true;
                    });
                }
            }
            catch (InvalidOperationException)
            {
                // There is no terminal any more.
            }
        }
    }

    private void Post(Action turn) => _turns.Writer.TryWrite(turn);

    private sealed record Told(Uri From, LivePicture Picture);
}
