using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>Answers every request of its route with the same.</summary>
/// <param name="edits">Fields that go along; null: there are none.</param>
internal sealed class FixedAnswer(RespondSettings settings, HeaderEdits? edits) : IRequestFilter
{
    private readonly FilterVerdict _verdict = new(FailureReason.AnsweredByRoute, new RouteAnswer(
        settings.Status,
        [.. settings.ContentType.Length == 0 || edits?.Writes("Content-Type") == true ? [] : RouteAnswer.LinesOf(("Content-Type", settings.ContentType)), .. edits?.Lines ?? []],
        Encoding.UTF8.GetBytes(settings.Body)));

    public FilterVerdict Look(in FilteredRequest request) => _verdict;
}
