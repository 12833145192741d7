using System.Collections.Immutable;

namespace ActorLb.Node.Reloads;

/// <summary>What a look at the files comes to.</summary>
internal enum FileWatchDecision
{
    /// <summary>Nothing new, or somebody may still be writing.</summary>
    Wait,
    Reload,

    /// <summary>Files cannot be read any more: to be told, and nothing else.</summary>
    TellGone,

    /// <summary>All can be read again and say what was read before.</summary>
    TellBack,
}

/// <summary>
/// Decides when files that change are to be read again: when they have stayed the same for a while, so that several writes are one
/// change. What was found wrong is not read again before it changes. Pure.
/// </summary>
internal sealed class FileWatchState
{
    /// <summary>How long files must stay the same: several times what an editor needs between two writes.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<FileSight> _read;
    private readonly ImmutableArray<FileSight> _seen;
    private readonly TimeSpan _since;
    private readonly bool _isGoneTold;

    private FileWatchState(ImmutableArray<FileSight> read, ImmutableArray<FileSight> seen, TimeSpan since, bool isGoneTold)
    {
        _read = read;
        _seen = seen;
        _since = since;
        _isGoneTold = isGoneTold;
    }

    /// <param name="read">The files as they are read now.</param>
    public static FileWatchState Of(ImmutableArray<FileSight> read) => new(read, read, TimeSpan.Zero, isGoneTold: false);

    /// <param name="now">Time that only goes forward.</param>
    public (FileWatchState Next, FileWatchDecision Decision) Look(ImmutableArray<FileSight> sights, TimeSpan now)
    {
        if (!sights.SequenceEqual(_seen))
        {
            return (new FileWatchState(_read, sights, now, _isGoneTold), FileWatchDecision.Wait);
        }

        if (now - _since < Quiet)
        {
            return (this, FileWatchDecision.Wait);
        }

        if (sights.Any(s => s.Digest is null))
        {
            return (new FileWatchState(_read, _seen, _since, isGoneTold: true), _isGoneTold ? FileWatchDecision.Wait : FileWatchDecision.TellGone);
        }

        bool isRead = sights.Select(s => s.Digest).SequenceEqual(_read.Select(s => s.Digest));
        return (
            new FileWatchState(sights, _seen, _since, isGoneTold: false),
            !isRead ? FileWatchDecision.Reload : _isGoneTold ? FileWatchDecision.TellBack : FileWatchDecision.Wait);
    }
}
