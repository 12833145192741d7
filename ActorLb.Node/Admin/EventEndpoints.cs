using System.Collections.Immutable;
using ActorLb.Node.Configuration.Formats;
using ActorLb.Node.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActorLb.Node.Admin;

/// <summary><c>GET /api/v1/events</c>: what has happened, as a list or as a stream that goes on.</summary>
internal sealed class EventEndpoints(EventLog log, AdminGuard guard, TimeProvider time)
{
    /// <summary>Of a port's places the smaller part: streams stay, and everybody else comes and goes.</summary>
    public const int FollowersMax = 64;

    /// <summary>Of these, those who may only read.</summary>
    public const int ReadersMax = 48;

    /// <summary>Of these, those with one token at one address.</summary>
    public const int EachReaderMax = 16;

    /// <summary>How far a list goes back where nobody says it.</summary>
    public static readonly TimeSpan ListedSince = TimeSpan.FromHours(1);

    private const string LastEventId = "Last-Event-ID";

    private readonly CallerPlaces _places = new(FollowersMax, ReadersMax, EachReaderMax);

    public void Map(IEndpointRouteBuilder routes) => routes.Map(AdminRoutes.Events, AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        if (!TryFollow(query["follow"], context.Request, out bool follows))
        {
            await AdminProblem.BadRequest("?follow is true or false.").WriteAsync(context);
            return;
        }

        (EventFilter? filter, AdminProblem? unread) = Read(query);
        EventPositions? seen = null;
        if (unread is null && context.Request.Headers[LastEventId].ToString() is { Length: > 0 } last)
        {
            unread = EventPositions.TryParse(last, out EventPositions positions) ? null : AdminProblem.BadRequest($"{LastEventId} is none that a node has sent.");
            seen = positions;
        }

        if (unread is not null)
        {
            await unread.WriteAsync(context);
        }
        else if (follows)
        {
            await FollowAsync(context, filter!, seen);
        }
        else
        {
            await ListAsync(context, filter!, seen);
        }
    }

    // A browser's own stream asks for text/event-stream, a program for JSON; who asks for nothing gets the stream.
    private static bool TryFollow(string? said, HttpRequest request, out bool follows)
    {
        string accepts = request.Headers.Accept.ToString();
        follows = said is "true" || (said is null && (!accepts.Contains("application/json", StringComparison.OrdinalIgnoreCase) || accepts.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase)));
        return said is null or "true" or "false";
    }

    private (EventFilter? Filter, AdminProblem? Problem) Read(IQueryCollection query)
    {
        TimeSpan? since = null;
        if (query["since"].ToString() is { Length: > 0 } text)
        {
            if (Durations.Read(text, out TimeSpan span) is { } wrong || span < TimeSpan.Zero || span > TimeSpan.FromDays(365))
            {
                return (null, AdminProblem.BadRequest($"\"{Short(text)}\" is no time to go back: it is written as 10m, 2h or 1d."));
            }

            since = span;
        }

        ImmutableArray<EventKind> kinds = [];
        if (query["kind"].ToString() is { Length: > 0 } names)
        {
            kinds = EventFilter.KindsOf(names, out string? unknown);
            if (unknown is not null)
            {
                return (null, AdminProblem.BadRequest($"There is no kind of events \"{Short(unknown)}\"; there are {string.Join(", ", EventKinds.All.Select(k => k.Name))}."));
            }
        }

        string? pool = query["pool"].ToString() is { Length: > 0 } named ? named : null;
        return (new EventFilter(pool, kinds, since is { } back ? log.Now - back : null), null);
    }

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private async Task ListAsync(HttpContext context, EventFilter filter, EventPositions? seen)
    {
        EventFilter wanted = seen is null && filter.Since is null ? filter with { Since = log.Now - ListedSince } : filter;
        (ImmutableArray<NodeEvent> events, _, _) = log.All();
        context.Response.ContentType = "application/json";
        Stream body = context.Response.Body;
        byte[] before = [(byte)'['];
        foreach (NodeEvent one in events.Where(e => wanted.Wants(e) && seen?.Has(e.Id) != true).OrderBy(e => e.Id))
        {
            await body.WriteAsync(before, context.RequestAborted);
            await body.WriteAsync(one.Json, context.RequestAborted);
            before = [(byte)',', (byte)'\n'];
        }

        await body.WriteAsync(before.Length == 1 ? "[]"u8.ToArray() : "]"u8.ToArray(), context.RequestAborted);
    }

    private async Task FollowAsync(HttpContext context, EventFilter filter, EventPositions? seen)
    {
        var holder = PlaceHolder.Of(context);
        if (_places.TryTake(holder) is { } full)
        {
            context.Response.Headers.RetryAfter = "5";
            await AdminProblem.TooManyFollowers(full).WriteAsync(context);
            return;
        }

        try
        {
            context.Response.ContentType = "text/event-stream";
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await new EventStream(log, filter, guard, time, context).RunAsync(seen);
            }
        }
        catch (OperationCanceledException)
        {
            // Its reader is gone, or was cut off.
        }
        finally
        {
            _places.Leave(holder);
        }
    }
}
