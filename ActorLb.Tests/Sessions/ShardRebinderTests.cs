using ActorLb.Tests.Cluster;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Sessions;
using ActorLb.Node.Sessions.Learned;
using ActorLb.Node.Sessions.Ownership;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using Akka.TestKit;
using Xunit;
using static ActorLb.Tests.Sessions.SessionWorld;

namespace ActorLb.Tests.Sessions;

public sealed class ShardRebinderTests : ActorTest
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly Binding Known = new(new SessionId(1, 1), X, 1, 100);

    private readonly SessionCapability _capability = new();
    private readonly TestProbe _owners;
    private readonly ShardRebinder _rebinder;
    private readonly TestProbe _learned;

    public ShardRebinderTests()
    {
        _owners = CreateTestProbe();
        _learned = CreateTestProbe();
        _rebinder = new ShardRebinder(_owners.Ref, _learned.Ref, _capability, Long);
    }

    [Fact]
    public async Task The_owner_is_asked_and_its_answer_is_the_binding()
    {
        Task<Rebound?> answer = Ask(Known, Long);
        RebindSession ask = await _owners.ExpectMsgAsync<RebindSession>();
        Assert.Equal(new RebindSession(BucketId.Of(Pool, Known.Id), Known, Z), ask);
        _owners.Reply(new SessionRebound(Known with { Backend = Y, Version = 2 }, IsNew: false));
        Assert.Equal(new Rebound(Known with { Backend = Y, Version = 2 }, IsNew: false), await answer);
    }

    [Fact]
    public async Task An_owner_that_is_silent_costs_the_timeout_and_gives_nothing()
    {
        Assert.Null(await Ask(Known, TimeSpan.FromMilliseconds(20)));
        Assert.Equal(1, _capability.RebindsUnanswered);
    }

    [Theory]
    [InlineData(31, 0)]
    [InlineData(32, 0)]
    [InlineData(33, 1)]
    public async Task Only_so_many_wait_for_one_shard_and_another_one_is_not_held_up(int asks, int refused)
    {
        Task<Rebound?>[] answers = [.. Enumerable.Range(0, asks).Select(_ => Ask(Known, Long))];
        Task<Rebound?> elsewhere = Ask(Known with { Id = new SessionId(1UL << 54, 1) }, Long);
        for (int i = 0; i < asks - refused + 1; i++)
        {
            await _owners.ExpectMsgAsync<RebindSession>();
            _owners.Reply(new SessionRebound(Known));
        }

        Assert.Equal(refused, (await Task.WhenAll(answers)).Count(a => a is null));
        Assert.NotNull(await elsewhere);
        Assert.Equal(refused, _capability.RebindsRefused);

        Task<Rebound?> after = Ask(Known, Long);
        await _owners.ExpectMsgAsync<RebindSession>();
        _owners.Reply(new SessionRebound(Known));
        Assert.NotNull(await after);
    }

    [Fact]
    public async Task While_an_owner_is_silent_one_question_at_a_time_finds_out_when_it_answers_again()
    {
        Assert.Null(await Ask(Known, TimeSpan.FromMilliseconds(20)));
        await _owners.ExpectMsgAsync<RebindSession>();

        Task<Rebound?> probe = Ask(Known, Long);
        await _owners.ExpectMsgAsync<RebindSession>();
        Assert.Null(await Ask(Known, Long));
        Assert.Equal(1, _capability.RebindsRefused);
        Task<Rebound?> elsewhere = Ask(Known with { Id = new SessionId(1UL << 54, 1) }, Long);
        await _owners.ExpectMsgAsync<RebindSession>();
        _owners.Reply(new SessionRebound(Known));
        Assert.NotNull(await elsewhere);

        Task<Rebound?> answered = Ask(Known with { Id = new SessionId(1UL << 54, 1) }, Long);
        await _owners.ExpectMsgAsync<RebindSession>();
        _owners.Reply(new SessionRebound(Known));
        Assert.NotNull(await answered);
        Assert.False(probe.IsCompleted);
    }

    [Fact]
    public async Task An_owner_that_answers_again_is_asked_by_all()
    {
        Assert.Null(await Ask(Known, TimeSpan.FromMilliseconds(20)));
        await _owners.ExpectMsgAsync<RebindSession>();
        Task<Rebound?> probe = Ask(Known, Long);
        await _owners.ExpectMsgAsync<RebindSession>();
        _owners.Reply(new SessionRebound(Known));
        Assert.NotNull(await probe);

        Task<Rebound?>[] answers = [.. Enumerable.Range(0, 5).Select(_ => Ask(Known, Long))];
        foreach (Task<Rebound?> _ in answers)
        {
            await _owners.ExpectMsgAsync<RebindSession>();
            _owners.Reply(new SessionRebound(Known));
        }

        Assert.All(await Task.WhenAll(answers), answer => Assert.NotNull(answer));
        Assert.Equal(0, _capability.RebindsRefused);
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_the_question()
    {
        using var left = new CancellationTokenSource();
        Task<Rebound?> answer = _rebinder.RebindAsync(Pool, Known, Z, Long, left.Token).AsTask();
        await _owners.ExpectMsgAsync<RebindSession>();
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task After_the_actor_system_ended_there_is_no_answer_and_no_error()
    {
        await Sys.Terminate();
        Assert.Null(await Ask(Known, TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public async Task What_an_owner_knows_is_asked_of_nobody_else()
    {
        Task<Binding?> answer = Find();
        Assert.Equal(new FindSession(BucketId.Of(Pool, Known.Id), Known.Id), await _owners.ExpectMsgAsync<FindSession>());
        _owners.Reply(new SessionFound(Known));
        Assert.Equal(Known, await answer);
        Assert.False(_learned.HasMessages);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_an_owner_does_not_know_or_say_the_other_nodes_may_know(bool says)
    {
        TestProbe lb2 = CreateTestProbe();
        TestProbe lb3 = CreateTestProbe();
        Task<Binding?> answer = Find(says ? Long : TimeSpan.FromMilliseconds(20));
        await _owners.ExpectMsgAsync<FindSession>();
        if (says)
        {
            _owners.Reply(new SessionFound(Nothing));
        }

        await AnswerAsync(lb2, lb3, Nothing, Known with { Version = 2 });
        Assert.Equal(Known with { Version = 2 }, await answer);

        // Of several the rule of merging decides.
        answer = Find();
        await _owners.ExpectMsgAsync<FindSession>();
        _owners.Reply(new SessionFound(Nothing));
        await AnswerAsync(lb2, lb3, Known with { Version = 3 }, Known);
        Assert.Equal(3u, (await answer)!.Value.Version);
    }

    [Fact]
    public async Task What_nobody_knows_is_what_the_owner_says_and_without_it_nothing()
    {
        TestProbe lb2 = CreateTestProbe();
        TestProbe lb3 = CreateTestProbe();
        Task<Binding?> answer = Find();
        await _owners.ExpectMsgAsync<FindSession>();
        _owners.Reply(new SessionFound(Nothing));
        await AnswerAsync(lb2, lb3, Nothing, Nothing);
        Assert.Equal(Nothing, await answer);

        answer = Find(TimeSpan.FromMilliseconds(20));
        await AnswerAsync(lb2, lb3, Nothing, Nothing);
        Assert.Null(await answer);
    }

    private static Binding Nothing => new(Known.Id, BackendKey.None, 0, 0);

    private async Task AnswerAsync(TestProbe lb2, TestProbe lb3, Binding second, Binding third)
    {
        await _learned.ExpectMsgAsync<AskOthers>();
        _learned.Reply(new OthersToAsk([lb2.Ref, lb3.Ref]));
        await lb2.ExpectMsgAsync<FindSession>();
        lb2.Reply(new SessionFound(second));
        await lb3.ExpectMsgAsync<FindSession>();
        lb3.Reply(new SessionFound(third));
    }

    private Task<Binding?> Find(TimeSpan? timeout = null) => _rebinder.FindAsync(Pool, Known.Id, timeout ?? Long, CancellationToken.None).AsTask();

    private Task<Rebound?> Ask(Binding known, TimeSpan timeout) =>
        _rebinder.RebindAsync(Pool, known, Z, timeout, CancellationToken.None).AsTask();
}
