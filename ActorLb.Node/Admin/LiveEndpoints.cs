using ActorLb.Engine;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Routing;
using ActorLb.Node.Dashboard;
using ActorLb.Shared.Backends;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Admin;

/// <summary>What is happening and what happened, for the dashboard and whoever else wants to know.</summary>
internal sealed class LiveEndpoints(DataPlane plane, INodeView view, LiveDocument live, IFiguresDesk figures, AdminGuard guard, ILogger logger)
{
    private static readonly byte[] Before = "data: "u8.ToArray();
    private static readonly byte[] After = "\n\n"u8.ToArray();

    /// <summary>Hours that are kept in slots of ten seconds.</summary>
    private const int HoursMax = 24;

    /// <summary>While nobody follows: how exactly one is told later since when something is wrong.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(5);

    /// <summary>Some are left for those who may change something.</summary>
    public const int ReadersMax = 24;

    /// <summary>People with a page open behind one address, with one token.</summary>
    public const int EachReaderMax = 8;

    private readonly CallerPlaces _places = new(LiveFeed.FollowersMax, ReadersMax, EachReaderMax);
    private ITimer? _watch;
    private int _isWatching;

    /// <summary>Those who follow; made when it is mapped.</summary>
    public LiveFeed? Feed { get; private set; }

    public void Map(IEndpointRouteBuilder routes)
    {
        Feed = new LiveFeed(plane.Time, MakeAsync, logger);
        _watch = plane.Time.CreateTimer(static endpoints => _ = ((LiveEndpoints)endpoints!).WatchAsync(), this, WatchInterval, WatchInterval);
        routes.Map(AdminRoutes.Follow, FollowAsync);
        routes.Map(AdminRoutes.Figures, FiguresAsync);
        routes.Map(AdminRoutes.Backend, BackendAsync);
    }

    /// <summary>Whoever follows is told nothing more.</summary>
    public void Close()
    {
        _watch?.Dispose();
        Feed?.Close();
    }

    private async Task WatchAsync()
    {
        if (Interlocked.Exchange(ref _isWatching, 1) != 0)
        {
            return;
        }

        try
        {
            if (Feed!.Count == 0)
            {
                await live.LookAsync();
            }
        }
        catch (Exception e)
        {
            Dashboard.Log.LiveFeedFailed(logger, e);
        }
        finally
        {
            Volatile.Write(ref _isWatching, 0);
        }
    }

    private async Task<byte[]> MakeAsync()
    {
        byte[] document = await live.MakeAsync();
        return [.. Before, .. document, .. After];
    }

    private async Task FollowAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var holder = PlaceHolder.Of(context);
        if (_places.TryTake(holder) is { } full)
        {
            context.Response.ContentType = null;
            await AdminProblem.FeedIsFull(full).WriteAsync(context);
            return;
        }

        try
        {
            await FollowAsync(context, Feed!);
        }
        finally
        {
            _places.Leave(holder);
        }
    }

    private async Task FollowAsync(HttpContext context, LiveFeed feed)
    {
        if (feed.TryFollow() is not { } follower)
        {
            context.Response.ContentType = null;
            await AdminProblem.FeedIsFull("it stops").WriteAsync(context);
            return;
        }

        try
        {
            // Proxies between here and the page (nginx) pass each message on as it comes.
            context.Response.Headers["X-Accel-Buffering"] = "no";
            await context.Response.StartAsync(context.RequestAborted);
            _ = follower.WhenDropped.ContinueWith(_ => context.Abort(), TaskScheduler.Default);
            await foreach (byte[] message in follower.Messages(context.RequestAborted))
            {
                if (!guard.StillMay(context))
                {
                    break;
                }

                await context.Response.Body.WriteAsync(message, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or read too slowly.
        }
        finally
        {
            feed.Leave(follower);
        }
    }

    private async Task FiguresAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        string last = query.TryGetValue("last", out var said) ? said.ToString() : "1h";
        if (!DrainDeadline.TryParse(last, out TimeSpan span) || span < TimeSpan.FromSeconds(10) || span > TimeSpan.FromHours(HoursMax))
        {
            await AdminProblem.BadRequest($"\"{last}\" is no span that is kept: it is 10s to {HoursMax}h, and by the second up to 10m.").WriteAsync(context);
            return;
        }

        if (SubjectOf(query) is not { } subject)
        {
            await AdminProblem.BadRequest("At most one of route, pool and session (began, adopted, moved-down and its kind, expired, ended) is asked for, and backend beside its pool.").WriteAsync(context);
            return;
        }

        int seconds = span.TotalSeconds <= FigureSeries.FineLength ? 1 : FigureSeries.CoarseSeconds;
        long now = plane.Clock.UtcNow.ToUnixTimeSeconds();
        GatheredSlots gathered = await figures.SlotsAsync(
            new AskSlots(subject, seconds, now - 1, (int)(span.TotalSeconds / seconds)), context.RequestAborted);
        await AdminBody.WriteAsync(context, StatusCodes.Status200OK, FiguresDocument.Of(gathered));
    }

    private static FigureSubject? SubjectOf(IQueryCollection query)
    {
        return (Said("route"), Said("pool"), Said("backend"), Said("session")) switch
        {
            (null, null, null, null) => FigureSubject.Node,
            ({ } name, null, null, null) => new FigureSubject(SubjectKind.Route, name),
            (null, { } name, null, null) => new FigureSubject(SubjectKind.Pool, name),
            (null, { } name, { } id, null) => FigureSubject.Of(new BackendName(name, id)),
            (null, null, null, { } word) => Enum.GetValues<SessionEvent>().Where(e => StatusDocument.Word(e) == word).Select(e => (FigureSubject?)new FigureSubject(SubjectKind.Sessions, e.ToString())).FirstOrDefault(),
            _ => null,
        };

        string? Said(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;
    }

    private async Task BackendAsync(HttpContext context)
    {
        if (BackendPath.BackendOf(context) is not { } name)
        {
            await AdminProblem.OfStatus(StatusCodes.Status404NotFound).WriteAsync(context);
            return;
        }

        if (!plane.Routing.Pools.TryGetValue(name.Pool, out PoolSnapshot? pool))
        {
            await AdminProblem.UnknownPool(name.Pool, plane.Routing.Pools.Keys).WriteAsync(context);
            return;
        }

        if (pool.Backends.All(b => b.Id != name.Id))
        {
            await AdminProblem.UnknownBackend(name.Pool, name.Id, pool.Backends.Select(b => b.Id)).WriteAsync(context);
            return;
        }

        Task<GatheredFailures> failed = figures.FailuresAsync(new AskFailures(name), context.RequestAborted);
        GatheredFigures gathered = await figures.NowAsync(context.RequestAborted);
        StatusDocument.Backend backend = StatusDocument.Of(plane, view, pool, name);
        await AdminBody.WriteAsync(context, StatusCodes.Status200OK, new BackendViewDocument(
            plane.Settings.Name,
            plane.Clock.UtcNow,
            name.Pool,
            backend,
            backend.Operator == "draining" ? DrainsDocument.Of(plane, view).Drains.FirstOrDefault(d => d.Pool == name.Pool && d.Backend == name.Id) : null,
            [.. gathered.Nodes.Select(n => BackendViewDocument.AtNode.Of(n, name))])
        {
            Failures = FailuresOf(name),
            LastFailures = BackendViewDocument.FailedRequest.Of(await failed),
        });
    }

    private BackendViewDocument.Failed[] FailuresOf(BackendName name) =>
        plane.Measurements.Read().Backends.FirstOrDefault(b => b.Pool == name.Pool && b.Backend == name.Id)?.Requests is not { } requests ? []
        : [
            .. Enum.GetValues<FailureReason>()
                .Where(r => r != FailureReason.None && requests.CountOf(r) > 0)
                .GroupBy(r => FailureAnswer.Of(r).Name)
                .Select(g => new BackendViewDocument.Failed(g.Key, g.Sum(r => requests.CountOf(r))))
                .OrderByDescending(f => f.Count),
        ];
}
