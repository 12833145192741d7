using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;
using ActorLb.Shared.Backends;

namespace ActorLb.Node.Top;

/// <summary>What a cluster's nodes tell <c>top</c>: live, and each once.</summary>
internal sealed class TopFeed(AdminClient client, TimeProvider time)
{
    private const string EventsQuery = "?since=1h";

    /// <summary>A picture comes each second, and late from a machine that has too much to do, which is when one looks: a node that misses so many is gone.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(10);

    /// <summary>The first picture, as it came, and from whom.</summary>
    /// <exception cref="AdminException">No node answers, or one refuses.</exception>
    public async Task<(Uri From, JsonElement Document)> DocumentAsync(CancellationToken cancellation)
    {
        (Uri, JsonElement) first = default;
        await Live(static _ => { }).FirstAsync(
            AdminNodes.LivePath,
            (from, document) =>
            {
                PictureOf(from, document);
                client.Nodes.Learn(from, document);
                first = (from, document);
            },
            cancellation);
        return first;
    }

    /// <summary>What there is to see now.</summary>
    /// <exception cref="AdminException">No node answers, or one refuses.</exception>
    public async Task<TopFacts> FactsAsync(TopView view, CancellationToken cancellation)
    {
        (Uri from, JsonElement document) = await DocumentAsync(cancellation);
        var facts = new TopFacts(PictureOf(from, document), from);
        return view switch
        {
            TopView.Sessions => facts with { Sessions = await SessionsAsync(cancellation) },
            TopView.Events => facts with { Events = [.. (await client.EventsAsync(EventsQuery + "&follow=false", cancellation)).Select(TopEvent.Of).Reverse()] },
            _ => facts,
        };
    }

    /// <param name="each">Who said it, and what.</param>
    /// <param name="goesOn">Is told why it leaves a node, and for which.</param>
    /// <exception cref="AdminException">No node answers, or one refuses.</exception>
    public Task LiveAsync(Action<Uri, LivePicture> each, Action<string> goesOn, CancellationToken cancellation) => Live(goesOn).RunAsync(
        AdminNodes.LivePath,
        (from, document) =>
        {
            LivePicture picture = PictureOf(from, document);
            client.Nodes.Learn(from, document);
            each(from, picture);
        },
        cancellation);

    /// <inheritdoc cref="LiveAsync"/>
    public Task EventsAsync(Action<TopEvent> each, Action<string> goesOn, CancellationToken cancellation) =>
        new EventFollower(client.Nodes, time, goesOn).RunAsync(EventsQuery + "&follow=true", one => each(TopEvent.Of(one)), cancellation);

    /// <exception cref="AdminException">No node answers, or one refuses.</exception>
    public Task<SessionsDocument> SessionsAsync(CancellationToken cancellation) => client.SessionsAsync(null, null, cancellation);

    /// <exception cref="AdminException">No node answers, or there is no such backend, or one refuses.</exception>
    public Task<BackendViewDocument> BackendAsync(BackendName backend, CancellationToken cancellation) => client.BackendAsync(backend, cancellation);

    private StreamFollower Live(Action<string> goesOn) => new(client.Nodes, time, SilenceMax, goesOn) { IsSteady = true };

    /// <exception cref="AdminException">It is no picture.</exception>
    public static LivePicture PictureOf(Uri from, JsonElement document)
    {
        try
        {
            return LiveReading.Read(document);
        }
        catch (FormatException e)
        {
            throw AdminAnswer.NoAdminApi(from, e.Message);
        }
    }
}
