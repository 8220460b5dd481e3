{{/* Short enough that what is hung on it (`-connect-` and a shard's name, a hash) stays a name that Kubernetes takes. */}}
{{- define "treatywatch.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 32 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 32 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 32 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What finds the pods of the release; never changes. */}}
{{- define "treatywatch.release" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What finds the pods of one part: dict "root" $ "part" "worker" ["shard" "main"]. */}}
{{- define "treatywatch.selector" -}}
{{ include "treatywatch.release" .root }}
app.kubernetes.io/component: {{ .part }}
{{- with .shard }}
treatywatch/shard: {{ . }}
{{- end }}
{{- end -}}

{{/* Labels of an object. */}}
{{- define "treatywatch.labels" -}}
{{- if .part -}}
{{ include "treatywatch.selector" . }}
{{- else -}}
{{ include "treatywatch.release" .root }}
{{- end }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "treatywatch.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}{{ include "treatywatch.fullname" . }}{{- else -}}default{{- end -}}
{{- end -}}

{{- define "treatywatch.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* Shards by name; the first sends canaries and reads the seed articles. */}}
{{- define "treatywatch.shards" -}}
{{- range $name, $shard := .Values.connect.shards }}{{ if $shard }}{{ $name }} {{ end }}{{ end -}}
{{- end -}}
