using ActorLb.Shared.Backends;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.Lane;

/// <summary>A backend's last failures have the ids by which their clients know them.</summary>
public abstract class FailureNoteTests(ListenerEngine engine)
{
    [Fact]
    public async Task An_answer_of_class_5_is_noted_with_the_requests_id()
    {
        await using SampleBackend backend = await SampleBackend.StartAsync(c =>
        {
            c.Response.StatusCode = c.Request.Path == "/bad" ? 500 : 404;
            return Task.CompletedTask;
        });
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = false }, backend.Address);
        await AskAsync(lane, "/missing", "ok-1");
        await AskAsync(lane, "/bad", "id-1");

        FailureNote note = Assert.Single(await NotesAsync(lane, backend.Address));
        Assert.Equal(("id-1", "", 500), (note.RequestId, note.Reason, note.Status));
        Assert.Equal((1, 0), (Of(lane, backend.Address).BadAnswers, Of(lane, backend.Address).Failures));
        Assert.Equal(lane.Plane.Clock.UtcNow, note.At, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_request_that_another_backend_answered_is_noted_where_it_failed()
    {
        (Uri refusing, IDisposable owner) = NoBackend.Refusing();
        using IDisposable _ = owner;
        await using SampleBackend backend = await SampleBackend.NamedAsync("well");
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = false }, refusing, backend.Address);
        await AskAsync(lane, "/", "id-2");

        FailureNote note = Assert.Single(await NotesAsync(lane, refusing));
        Assert.Equal(("id-2", "backend-connect-failed", 0), (note.RequestId, note.Reason, note.Status));
        Assert.Empty(Of(lane, backend.Address).FailureNotes.Read());
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_noted_with_its_status()
    {
        await using var backend = new MeasuredBackend();
        await using TestLane lane = await TestLane.StartAsync(engine, new LaneOptions { Sticky = false }, backend.Address);
        await AskAsync(lane, "/half", "id-3");

        FailureNote note = Assert.Single(await NotesAsync(lane, backend.Address));
        Assert.Equal(("id-3", "backend-reset", 200), (note.RequestId, note.Reason, note.Status));
    }

    private static BackendTraffic Of(TestLane lane, Uri backend) => lane.Plane.Traffic[new BackendName("web", backend.Authority)];

    private static async Task<FailureNote[]> NotesAsync(TestLane lane, Uri backend)
    {
        FailureNotes notes = Of(lane, backend).FailureNotes;
        await TestLane.UntilAsync(() => notes.Read().Length > 0);
        return notes.Read();
    }

    private static async Task AskAsync(TestLane lane, string path, string id) =>
        Assert.StartsWith(
            "HTTP/1.1 ",
            await RawClient.ExchangeAsync(lane.Endpoint, $"GET {path} HTTP/1.1\r\nHost: shop.example\r\nX-Request-Id: {id}\r\nConnection: close\r\n\r\n"),
            StringComparison.Ordinal);
}

public sealed class KestrelFailureNoteTests() : FailureNoteTests(ListenerEngine.Kestrel);

public sealed class EpollFailureNoteTests() : FailureNoteTests(ListenerEngine.Epoll);
