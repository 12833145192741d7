using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace ActorLb.Engine.Certificates;

/// <summary>A certificate or root whose files have changed and cannot be used: what was loaded before stays in use.</summary>
/// <param name="Key">Of the configuration, below actorlb.</param>
/// <param name="Problem">Why.</param>
public sealed record CertificateProblem(string Key, string Problem, DateTimeOffset Since);

/// <summary>
/// Has certificates follow their files: looks twice a second, and loads what has changed and was the same at two looks, so that
/// what is still being written is not believed. What cannot be used is told once, and again when it is good.
/// </summary>
/// <param name="all">What there is now.</param>
public sealed class CertificateWatch(Func<IEnumerable<IFollowsFiles>> all, ILogger logger, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly Lock _look = new();
    private readonly FileContents _contents = new();
    private readonly ConditionalWeakTable<IFollowsFiles, Seen> _seen = [];
    private volatile CertificateProblem[] _problems = [];
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>What cannot be used now, as the last look found it. Any thread.</summary>
    public IReadOnlyList<CertificateProblem> Problems => _problems;

    /// <summary>Looks from now on.</summary>
    public void Start()
    {
        lock (_look)
        {
            if (!_isDisposed)
            {
                _timer ??= time.CreateTimer(static w => ((CertificateWatch)w!).Look(), this, Period, Period);
            }
        }
    }

    public void Dispose()
    {
        lock (_look)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    internal void Look()
    {
        // A slow disk is no reason to look twice at once.
        if (!_look.TryEnter())
        {
            return;
        }

        try
        {
            IFollowsFiles[] there = _isDisposed ? [] : [.. all()];
            foreach (IFollowsFiles followed in there)
            {
                Look(followed);
            }

            _problems = [.. there.Select(f => _seen.TryGetValue(f, out Seen? seen) ? seen.Problem : null).OfType<CertificateProblem>()];

            _contents.Forget();
        }
        catch (Exception e)
        {
            Log.CertificatesUnseen(logger, e);
        }
        finally
        {
            _look.Exit();
        }
    }

    private void Look(IFollowsFiles followed)
    {
        if (followed.Files.Count == 0)
        {
            return;
        }

        Seen seen = _seen.GetOrCreateValue(followed);
        string now = _contents.Of(followed.Files);
        bool isSettled = now == seen.Last;
        seen.Last = now;
        if (now == followed.Loaded)
        {
            if (seen.Refused is not null)
            {
                seen.Refused = null;
                seen.Problem = null;
                Log.CertificateGoodAgain(logger, followed.Key, followed.Description);
            }
        }
        else if (isSettled && now != seen.Refused)
        {
            Load(followed, seen, now);
        }
    }

    private void Load(IFollowsFiles followed, Seen seen, string now)
    {
        try
        {
            followed.Load();
            seen.Refused = null;
            seen.Problem = null;
            Log.CertificateLoaded(logger, followed.Key, followed.Description);
        }
        catch (Exception e)
        {
            // Whatever is wrong with one, the others are looked at.
            seen.Refused = now;
            seen.Problem = new CertificateProblem(followed.Key, e.Message, seen.Problem?.Since ?? time.GetUtcNow());
            Log.CertificateUnusable(logger, followed.Key, e.Message);
        }
    }

    private sealed class Seen
    {
        /// <summary>At the look before.</summary>
        public string? Last { get; set; }

        /// <summary>What could not be used, and was told.</summary>
        public string? Refused { get; set; }

        public CertificateProblem? Problem { get; set; }
    }
}
