using System.Text.Json;
using ActorLb.Node.Admin;
using ActorLb.Node.Cli;

namespace ActorLb.Node.Top;

/// <summary>What a cluster's nodes tell <c>top</c>: live, and each once.</summary>
internal sealed class TopFeed(AdminClient client, TimeProvider time)
{
    private const string LivePath = "/api/v1/live";
    private const string EventsQuery = "?since=1h";

    /// <summary>A picture comes each second, and late from a machine that has too much to do, which is when one looks: a node that misses so many is gone.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(10);

    /// <summary>The first picture, as it came.</summary>
    /// <exception cref="AdminException">No node answers, or one refuses.</exception>
    public async Task<JsonElement> DocumentAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        JsonElement? first = null;
        try
        {
            await LiveAsync(
                (_, document) =>
                {
                    first ??= document;
                    ending.Cancel();
                },
                static _ => { },
                ending.Token);
        }
        catch (OperationCanceledException) when (first is not null)
        {
        }

        return first ?? throw new OperationCanceledException(cancellation);
    }

    /// <summary>What there is to see now.</summary>
    /// <exception cref="AdminException">No node answers, or one refuses.</exception>
    public async Task<TopFacts> FactsAsync(TopView view, CancellationToken cancellation)
    {
        var facts = new TopFacts(PictureOf(client.Nodes[0].Admin, await DocumentAsync(cancellation)), null);
        return view switch
        {
            TopView.Sessions => facts with { Sessions = await SessionsAsync(cancellation) },
            TopView.Events => facts with { Events = [.. (await client.EventsAsync(EventsQuery + "&follow=false", cancellation)).EnumerateArray().Select(TopEvent.Of).Reverse()] },
            _ => facts,
        };
    }

    /// <param name="each">Who said it, and what.</param>
    /// <param name="goesOn">Is told why it leaves a node, and for which.</param>
    /// <exception cref="AdminException">No node answers, or one refuses.</exception>
    public Task LiveAsync(Action<Uri, JsonElement> each, Action<string> goesOn, CancellationToken cancellation) =>
        new StreamFollower(client.Nodes, time, SilenceMax, goesOn).RunAsync(LivePath, each, cancellation);

    /// <inheritdoc cref="LiveAsync"/>
    public Task EventsAsync(Action<TopEvent> each, Action<string> goesOn, CancellationToken cancellation) =>
        new EventFollower(client.Nodes, time, goesOn).RunAsync(EventsQuery + "&follow=true", one => each(TopEvent.Of(one)), cancellation);

    /// <exception cref="AdminException">No node answers, or one refuses.</exception>
    public Task<SessionsDocument> SessionsAsync(CancellationToken cancellation) => client.SessionsAsync(null, null, cancellation);

    /// <exception cref="AdminException">It is no picture.</exception>
    public static LivePicture PictureOf(Uri from, JsonElement document)
    {
        try
        {
            return LiveReading.Read(document);
        }
        catch (FormatException)
        {
            throw AdminClient.NoAdminApi(from);
        }
    }
}
