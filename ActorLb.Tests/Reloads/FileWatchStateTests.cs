using System.Collections.Immutable;
using ActorLb.Node.Reloads;
using Xunit;

namespace ActorLb.Tests.Reloads;

public sealed class FileWatchStateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private FileWatchState _state = FileWatchState.Of(Files("a", "b"));
    private TimeSpan _now = TimeSpan.Zero;

    [Fact]
    public void What_stays_the_same_is_not_read_again() =>
        Assert.Equal([FileWatchDecision.Wait, FileWatchDecision.Wait], [Look("a", "b"), Look("a", "b")]);

    [Fact]
    public void A_change_is_read_when_it_has_stayed_for_a_second_and_once()
    {
        Assert.Equal(FileWatchDecision.Wait, Look("a", "c"));
        Assert.Equal(FileWatchDecision.Reload, Look("a", "c"));
        Assert.Equal(FileWatchDecision.Wait, Look("a", "c"));
    }

    [Fact]
    public void Several_writes_are_one_change()
    {
        Assert.Equal([FileWatchDecision.Wait, FileWatchDecision.Wait, FileWatchDecision.Wait], [Look("a", "c"), Look("a", "cc"), Look("a", "ccc")]);
        Assert.Equal(FileWatchDecision.Reload, Look("a", "ccc"));
    }

    [Fact]
    public void What_stays_for_less_than_a_second_is_waited_for()
    {
        Look("a", "c");
        _now -= TimeSpan.FromMilliseconds(1);
        Assert.Equal(FileWatchDecision.Wait, Look("a", "c"));
        Assert.Equal(FileWatchDecision.Reload, Look("a", "c"));
    }

    [Fact]
    public void What_is_changed_and_put_back_is_not_read()
    {
        Look("a", "c");
        Assert.Equal([FileWatchDecision.Wait, FileWatchDecision.Wait], [Look("a", "b"), Look("a", "b")]);
    }

    [Fact]
    public void Another_name_or_time_of_the_same_bytes_is_no_change()
    {
        ImmutableArray<FileSight> touched = [.. Files("a", "b").Select(f => f with { Target = "elsewhere", Modified = DateTime.UnixEpoch.AddDays(1) })];
        Assert.Equal([FileWatchDecision.Wait, FileWatchDecision.Wait], [Look(touched), Look(touched)]);
    }

    [Fact]
    public void A_file_that_vanishes_is_told_once_and_not_read_and_when_it_is_back_that_is_told()
    {
        Assert.Equal(
            [FileWatchDecision.Wait, FileWatchDecision.TellGone, FileWatchDecision.Wait], [Look("a", null), Look("a", null), Look("a", null)]);
        Assert.Equal([FileWatchDecision.Wait, FileWatchDecision.TellBack, FileWatchDecision.Wait], [Look("a", "b"), Look("a", "b"), Look("a", "b")]);
    }

    [Fact]
    public void A_file_that_comes_back_as_another_one_is_read()
    {
        Look("a", null);
        Look("a", null);
        Assert.Equal([FileWatchDecision.Wait, FileWatchDecision.Reload], [Look("a", "c"), Look("a", "c")]);
    }

    private static ImmutableArray<FileSight> Files(params string?[] digests) =>
        [.. digests.Select((d, i) => new FileSight($"{i}.conf", $"{i}.conf", d?.Length ?? 0, DateTime.UnixEpoch, d, d is null ? "there is no such file" : null))];

    private FileWatchDecision Look(params string?[] digests) => Look(Files(digests));

    private FileWatchDecision Look(ImmutableArray<FileSight> sights)
    {
        _now += Second;
        (_state, FileWatchDecision decision) = _state.Look(sights, _now);
        return decision;
    }
}
