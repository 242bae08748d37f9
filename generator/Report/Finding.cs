// A finding of the emitter: a diagnostic's id and arguments, at a place in C# or in a grammar file.
using System;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Report;

internal sealed record Finding(string Id, CodeLocation Place, EquatableArray<string> Arguments)
{
    public static Finding At(CodeLocation place, string id, params string[] arguments) => new(id, place, new([.. arguments]));

    public static Finding From(Fault fault) => new(fault.Id,
        new(fault.At.Path ?? "", fault.At.Start, fault.At.Length, fault.At.Line, fault.At.Column, fault.At.EndLine, fault.At.EndColumn),
        new([.. fault.Arguments]));

    public Diagnostic ToDiagnostic()
    {
        var location = string.IsNullOrEmpty(Place.Path) ? Location.None : Location.Create(Place.Path, new TextSpan(Place.Start, Place.Length),
            new LinePositionSpan(new(Place.Line, Place.Column), new(Place.EndLine, Place.EndColumn)));
        return Diagnostic.Create(System.Linq.Enumerable.First(Descriptors.All, d => d.Id == Id), location, Arguments.Select(a => (object)a).ToArray());
    }
}
