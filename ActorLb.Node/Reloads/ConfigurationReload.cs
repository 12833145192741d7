using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ActorLb.Engine.Lanes;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Hocon;
using ActorLb.Node.Tokens;
using ActorLb.Node.Topologies;
using ActorLb.Shared.Settings;

namespace ActorLb.Node.Reloads;

/// <summary>
/// Reads a node's files again and goes over to what they say, as a whole or not at all; one after the other. Needs no control
/// plane. Before the node serves and once it stops nothing is changed.
/// </summary>
internal sealed partial class ConfigurationReload : IDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _asking = new();
    private readonly NodeSettings _started;
    private readonly LiveTopology _live;
    private readonly AdminTokens _tokens;
    private readonly Func<ConfigurationResult> _read;
    private readonly TimeProvider _time;
    private readonly ReloadLog _log;
    private ReloadCause? _asked;
    private bool _isRunning;
    private bool _isOpen;
    private bool _isClosed;
    private ImmutableArray<string> _warned = [];
    private volatile ReloadStatus _status;

    /// <param name="started">What the node was started with.</param>
    /// <param name="tokens">Follow the files as well, whatever else is in force.</param>
    /// <param name="read">Reads the files anew; throws nothing for what an operator wrote.</param>
    public ConfigurationReload(NodeSettings started, LiveTopology live, AdminTokens tokens, Func<ConfigurationResult> read, TimeProvider time, ReloadLog log)
    {
        _started = started;
        _live = live;
        _tokens = tokens;
        _read = read;
        _time = time;
        _log = log;
        _status = new ReloadStatus(time.GetUtcNow());
    }

    public ReloadStatus Status => _status;

    /// <summary>Files were read, and this came of it; not of a trial. On the thread that read them.</summary>
    public event Action<ReloadCause, ReloadReport>? Ended;

    /// <summary>From now on the node serves: what was asked for meanwhile is done.</summary>
    public void Open()
    {
        lock (_asking)
        {
            _isOpen = true;
        }

        Begin();
    }

    /// <summary>From now on nothing is read any more. Complete when what is under way has ended, or a file system keeps it for too long.</summary>
    public async Task CloseAsync()
    {
        lock (_asking)
        {
            _isClosed = true;
        }

        try
        {
            await _turn.WaitAsync().WaitAsync(EndTimeout, _time);
            _turn.Release();
        }
        catch (TimeoutException)
        {
            // What it would go over to is refused by lanes that stop.
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Asks for a reload and does not wait for it. Several before it begins are one.</summary>
    public void Ask(ReloadCause cause)
    {
        lock (_asking)
        {
            _asked = cause;
        }

        Begin();
    }

    /// <summary>Reads the files and goes over to what they say.</summary>
    /// <param name="isTrial">Only says what would come of it.</param>
    /// <param name="who">The operator who asked for it, in words for people; null: none did, or that is not known.</param>
    /// <exception cref="InvalidOperationException">The node does not serve yet, or stops.</exception>
    public async Task<ReloadReport> ReloadAsync(ReloadCause cause, bool isTrial = false, string? who = null, CancellationToken cancellation = default)
    {
        RefuseUnlessOpen();
        await _turn.WaitAsync(cancellation);
        try
        {
            RefuseUnlessOpen();
            ConfigurationResult read = await Task.Run(Read, CancellationToken.None);
            ReloadReport report = read.Settings is { } settings
                ? await GoOverAsync(read, settings, isTrial)
                : Report(ReloadOutcome.Refused, _live.State.Fingerprint) with { Mistakes = [.. read.Mistakes.Select(m => Describe(read.Hidden.In(m)))] };
            if (isTrial)
            {
                return report with { IsTrial = true };
            }

            _status = _status.With(report, read.Settings is not null);
            _log.Tell(report, cause, [.. report.Warnings.Except(_warned)]);
            _warned = report.Warnings;
            Ended?.Invoke(cause, report with { Who = who });
            return report;
        }
        finally
        {
            _turn.Release();
        }
    }

    private void RefuseUnlessOpen()
    {
        lock (_asking)
        {
            if (!_isOpen || _isClosed)
            {
                throw new InvalidOperationException(_isClosed ? "the node stops" : "the node does not serve yet");
            }
        }
    }

    private async Task<ReloadReport> GoOverAsync(ConfigurationResult read, NodeSettings settings, bool isTrial)
    {
        uint before = _live.State.Fingerprint;
        ImmutableArray<SettingDifference> needStart = TopologyDifferences.OfStatic(_started, settings);
        ImmutableArray<SettingDifference> tokens = _tokens.Differences(settings.Admin);
        bool followsTokens = _tokens.MayFollow(settings.Admin);
        if (!followsTokens)
        {
            needStart = [.. needStart, .. tokens];
            tokens = [];
        }

        ImmutableArray<string> warnings = [.. read.Warnings.Select(w => read.Hidden.In(w).ToString())];
        try
        {
            TopologyChange change = isTrial
                ? await _live.TryAsync(Next)
                : await _live.ChangeAsync(Next);
            if (!isTrial && !tokens.IsEmpty)
            {
                _tokens.Follow(settings.Admin);
            }

            ReloadOutcome outcome = change.Before.Revision is not null ? ReloadOutcome.Overruled
                : change.Differences.IsEmpty && tokens.IsEmpty ? ReloadOutcome.Unchanged
                : ReloadOutcome.Changed;
            return Report(outcome, before) with
            {
                After = change.After.Fingerprint,
                Changes = [.. change.Differences, .. tokens],
                NeedStart = needStart,
                Warnings = [.. warnings, .. LostSessions.Between(change.Before.InForce, change.After.InForce)],
            };
        }
        catch (TopologyRefusedException e)
        {
            return Report(ReloadOutcome.Refused, before) with
            {
                Mistakes = [Locate(read, e)],
                NeedStart = needStart,
                Warnings = warnings,
                IsImpossible = true,
            };
        }

        TopologyState Next(TopologyState state) =>
            followsTokens ? Rewritten(state, read, settings).With(settings.Admin.Tokens) : Rewritten(state, read, settings);
    }

    // While a revision is in force, files have no say.
    private static TopologyState Rewritten(TopologyState state, ConfigurationResult read, NodeSettings settings) =>
        state.Revision is null ? state.Rewritten(new WrittenLayer(settings.Topology, settings.Written, null) { Hidden = read.Hidden }) : state;

    private ReloadReport Report(ReloadOutcome outcome, uint before) => new(_started.Name, outcome, _time.GetUtcNow(), before, before);

    private ConfigurationResult Read()
    {
        try
        {
            return _read();
        }
        catch (Exception e)
        {
            return new ConfigurationResult(
                null,
                [new ConfigurationMistake(HoconOrigin.WholeFile(string.Join(", ", _started.Files)), "", $"it cannot be read: {e.Message}", "files that can be read")],
                []);
        }
    }

    private static ReloadMistake Describe(ConfigurationMistake mistake) =>
        new(mistake.Origin.File, mistake.Origin.Line, mistake.Origin.Column, mistake.Key, mistake.ToString());

    // What cannot be done names its key; where that was written is known to who read it.
    private static ReloadMistake Locate(ConfigurationResult read, TopologyRefusedException refused)
    {
        string message = read.Hidden.In(refused.Message);
        string key = refused.InnerException is LaneUnavailableException lane ? lane.Key : Key().Match(refused.Message).Value;
        if (key.Length == 0 || read.PlaceOf is not { } placeOf)
        {
            return new ReloadMistake("", 0, 0, "", message);
        }

        (HoconOrigin origin, string path) = placeOf(key);
        return new ReloadMistake(origin.File, origin.Line, origin.Column, path, $"{origin}: {path}: {message}");
    }

    private void Begin()
    {
        lock (_asking)
        {
            if (!_isOpen || _isClosed || _isRunning || _asked is null)
            {
                return;
            }

            _isRunning = true;
        }

        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            ReloadCause cause;
            lock (_asking)
            {
                if (_asked is not { } asked || _isClosed)
                {
                    _isRunning = false;
                    return;
                }

                cause = asked;
                _asked = null;
            }

            try
            {
                await ReloadAsync(cause);
            }
            catch (Exception e)
            {
                _log.Failed(e);
            }
        }
    }

    [GeneratedRegex(@"\b(?:listeners|routes|pools|limits|access-log)\.[\w.:\[\]-]*\w")]
    private static partial Regex Key();
}
